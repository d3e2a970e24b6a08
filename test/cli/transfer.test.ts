import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { createServer } from '#server.ts'
import { createFolder, type Outcome, run, serve } from '../support/command-line.ts'
import { noPostgres, startPostgres } from '../support/postgres.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const OTHER = '11111111-1111-4111-8111-111111111111'

function script(id: string, members: object = {}): string {
  return JSON.stringify({ '@odata.id': `${SCRIPTS}('${id}')`, displayName: id, ...members })
}

function state(parent: string, id: string, members: object = {}): string {
  return JSON.stringify({ '@odata.id': `${SCRIPTS}('${parent}')/userRunStates('${id}')`, id, ...members })
}

/** A folder with a file of these lines in it. */
function fileOf(t: TestContext, lines: readonly string[], name = 'in.ndjson') {
  const folder = createFolder(t)
  const file = join(folder, name)
  writeFileSync(file, lines.join('\n'))
  return { file, data: join(folder, 'data'), folder }
}

async function exported(place: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await run(['export', ...place])
  assert.equal(code, 0, stderr)
  return stdout.trimEnd().split('\n')
}

function summaryOf({ stdout }: Outcome): Readonly<Record<string, unknown>> {
  return JSON.parse(stdout)
}

/** The members of one line of an export. */
function entityAt(lines: readonly string[], address: string): Readonly<Record<string, unknown>> {
  const found = lines.map((line) => JSON.parse(line)).find((line) => line['@odata.id'] === address)
  assert(found !== undefined, `${address} in ${lines.join('\n')}`)
  return found
}

/** Ids that have to be escaped, states linked to users and devices, assignments, and summaries that were set. */
const everything = [
  JSON.stringify({ '@odata.id': "/beta/deviceManagement/managedDevices('it''s%201')", deviceName: 'Mac' }),
  script('a b', { createdDateTime: '2020-02-02T02:02:02.1234567Z', scriptContent: 'Cg==', fileName: 'ä.sh' }),
  JSON.stringify({
    '@odata.id': `${SCRIPTS}('a%20b')/assignments('x')`,
    target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'g' },
  }),
  state('a%20b', 'u', { successDeviceCount: 2, userPrincipalName: 'Ada' }),
  JSON.stringify({
    '@odata.id': `${SCRIPTS}('a%20b')/userRunStates('u')/deviceRunStates('d')`,
    'managedDevice@odata.bind': "/beta/deviceManagement/managedDevices('it''s 1')",
    runState: 'success',
    lastStateUpdateDateTime: '2021-01-01T00:00:00Z',
  }),
  JSON.stringify({ '@odata.id': `${SCRIPTS}('a%20b')/deviceRunStates('e')`, runState: 'fail' }),
  JSON.stringify({ '@odata.id': `${SCRIPTS}('a%20b')/runSummary`, id: 'own', errorUserCount: 77 }),
]

describe('an export', () => {
  const databases = ['SQLite', 'PostgreSQL'] as const
  for (const database of databases) {
    test(`is imported to the same content, from and to ${database}`, {
      skip: database === 'PostgreSQL' && noPostgres,
    }, async (t) => {
      const cluster = database === 'PostgreSQL' ? await startPostgres() : undefined
      t.after(() => cluster?.[Symbol.asyncDispose]())
      const { file, folder } = fileOf(t, everything)
      const place = async (name: string): Promise<readonly [string, string]> =>
        cluster === undefined ? ['--data', join(folder, name)] : ['--database', await cluster.create(name)]
      const [first, second] = [await place('first'), await place('second')]
      if (cluster === undefined) {
        await using server = await createServer({ data: first[1], demo: true })
        assert(server.url)
      } else {
        await using server = await createServer({ database: first[1], demo: true })
        assert(server.url)
      }
      assert.deepEqual(summaryOf(await run(['import', file, ...first]))['bad'], 0)
      const lines = await exported(first)
      assert.equal(lines.length > 25, true, lines.join('\n'))
      const copy = join(folder, 'copy.ndjson')
      assert.equal((await run(['export', ...first, '--output', copy])).code, 0)
      assert.equal(readFileSync(copy, 'utf8').trimEnd(), lines.join('\n'))
      const imported = await run(['import', copy, ...second])
      assert.equal(imported.code, 0, imported.stderr)
      assert.deepEqual(await exported(second), lines)
    })
  }

  test('names a linked state by its user, a device by its binding, and the summary as it was set', async (t) => {
    const { file, data } = fileOf(t, everything)
    const { code, stderr } = await run(['import', file, '--data', data])
    assert.equal(code, 0, stderr)
    const lines = await exported(['--data', data])
    const linked = entityAt(lines, `${SCRIPTS}('a%20b')/userRunStates('u')/deviceRunStates('d')`)
    assert.equal(linked['managedDevice@odata.bind'], "/beta/deviceManagement/managedDevices('it''s 1')")
    const { id, successDeviceCount, errorDeviceCount, successUserCount, errorUserCount } = entityAt(
      lines,
      `${SCRIPTS}('a%20b')/runSummary`,
    )
    assert.deepEqual(
      [id, successDeviceCount, errorDeviceCount, successUserCount, errorUserCount],
      ['own', 1, 1, 1, 77],
    )
    const { createdDateTime } = entityAt(lines, `${SCRIPTS}('a%20b')`)
    assert.equal(createdDateTime, '2020-02-02T02:02:02.1234567Z')
  })

  test('leaves a file that is there as it is where it fails', async (t) => {
    const { file, data } = fileOf(t, ['before'])
    const { code } = await run(['export', '--data', data, '--tenant', OTHER, '--output', file])
    assert.equal(code, 1)
    assert.equal(readFileSync(file, 'utf8'), 'before')
  })
})

describe('a bad line', () => {
  const good = [script('s'), state('s', 'u')]
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', '{', /^line 3: Unable to read JSON/m],
    ['no object', '[]', /^line 3: It does not say where it belongs/m],
    ['without a place', '{"id":"x"}', /^line 3: It does not say where it belongs/m],
    ['at an address that leads nowhere', '{"@odata.id":"/beta/nothing/x"}', /^line 3: Resource not found/m],
    ['at an unknown version', '{"@odata.id":"/v9/x/y"}', /^line 3: Invalid version: v9/m],
    ['at a collection', `{"@odata.id":"${SCRIPTS}"}`, /^line 3: '.+' names no entity\./m],
    ['at an address that is no text', '{"@odata.id":7}', /^line 3: @odata.id is the URL of the entity/m],
    ['with another id', state('s', 'v').replace('"id":"v"', '"id":"w"'), /^line 3: Its id is 'w', and its/m],
    ['with an empty id', `{"@odata.id":"${SCRIPTS}('t')","id":""}`, /^line 3: An id has 1 to 1024 char/m],
    ['with a NUL in its id', `{"@odata.id":"${SCRIPTS}('t%00')"}`, /^line 3: An id has 1 to 1024 char/m],
    ['of an unknown member', state('s', 'v', { other: 1 }), /^line 3: The property 'other' does not exist/m],
    ['of a wrong type', state('s', 'v', { successDeviceCount: 2.5 }), /^line 3: Cannot convert the lit/m],
    ['of a count below zero', state('s', 'v', { errorDeviceCount: -1 }), /^line 3: .+ must not be below 0/m],
    ['of null for what is not', state('s', 'v', { errorDeviceCount: null }), /^line 3: .+ must not be null/m],
    ['of another type', state('s', 'v', { '@odata.type': '#microsoft.graph.x' }), /^line 3: A type named/m],
    ['without its parent', state('t', 'v'), /^line 3: There is no deviceShellScript with the id 't'/m],
    [
      'without what it refers to',
      `{"@odata.id":"${SCRIPTS}('s')/deviceRunStates('d')","managedDevice@odata.bind":"x/managedDevices('m')"}`,
      /^line 3: There is no managedDevice with the id 'm'/m,
    ],
    ['that is there', state('s', 'u'), /^line 3: There already is a deviceManagementScriptUserState/m],
    [
      'that is there in another family',
      script('s').replace('deviceShellScripts', 'deviceManagementScripts'),
      /^line 3: There already is a deviceManagementScript with the id 's'/m,
    ],
  ]
  test('is told with its number and its reason, and nothing of its batch is stored', async (t) => {
    const data = join(createFolder(t), 'data')
    for (const [what, line, message] of cases) {
      const { file } = fileOf(t, [...good, line, script('after')])
      const { code, stdout, stderr } = await run(['import', file, '--data', data])
      assert.deepEqual([code, stdout], [1, ''], what)
      assert.match(stderr, message, what)
      assert.match(stderr, /Nothing of lines 1 to 4 was stored.+--from-line 1/, what)
      assert.deepEqual(await exported(['--data', data]), [''], what)
    }
  })

  test('is left out with --skip-bad, and said to be', async (t) => {
    const { file, data } = fileOf(t, [...good, ...cases.map(([, line]) => line), script('after')])
    const { code, stdout, stderr } = await run(['import', file, '--data', data, '--skip-bad'])
    assert.equal(code, 1)
    assert.equal(JSON.parse(stdout).written, 3)
    assert.equal(JSON.parse(stdout).bad, cases.length)
    for (let n = 0; n < cases.length; n += 1) assert.match(stderr, new RegExp(`^line ${n + 3}: `, 'm'))
    assert.equal((await exported(['--data', data])).length, 5)
  })

  test('is told twenty times, and then as a number', async (t) => {
    const { file, data } = fileOf(t, Array(25).fill('{}'))
    const { stderr } = await run(['import', file, '--data', data, '--skip-bad'])
    assert.equal(stderr.match(/^line /gm)?.length, 20)
    assert.match(stderr, /^… and 5 more bad lines\.$/m)
  })
})

describe('an import', () => {
  test('takes what Graph lists, with --to, and passes over what it does not know with --ignore-unknown', async (t) => {
    const { file, data } = fileOf(t, ['', '{"id":"d","deviceName":"Mac","jailBroken":"no"}', ''])
    const to = ['--to', 'deviceManagement/managedDevices', '--data', data]
    assert.match((await run(['import', file, ...to])).stderr, /^line 2: The property 'jailBroken'/m)
    assert.equal((await run(['import', file, ...to, '--ignore-unknown'])).code, 0)
    const lines = await exported(['--data', data])
    assert.equal(entityAt(lines, "/beta/deviceManagement/managedDevices('d')")['deviceName'], 'Mac')
  })

  test('updates what is there with --update, and the summary with it', async (t) => {
    const { file, data } = fileOf(t, [
      script('s'),
      state('s', 'u', { errorDeviceCount: 1, userPrincipalName: 'a' }),
    ])
    await run(['import', file, '--data', data])
    const later = fileOf(t, [
      state('s', 'u', { errorDeviceCount: 0, successDeviceCount: 1 }),
      state('s', 'v'),
    ])
    const { code, stderr } = await run(['import', later.file, '--data', data, '--update'])
    assert.equal(code, 0, stderr)
    const lines = await exported(['--data', data])
    const { userPrincipalName, errorDeviceCount } = entityAt(lines, `${SCRIPTS}('s')/userRunStates('u')`)
    assert.deepEqual([userPrincipalName, errorDeviceCount], ['a', 0])
    const { successUserCount, errorUserCount } = entityAt(lines, `${SCRIPTS}('s')/runSummary`)
    assert.deepEqual([successUserCount, errorUserCount], [1, 0])
  })

  test('goes into the tenant that is named, and into no other', async (t) => {
    const { file, data } = fileOf(t, [script('s'), state('s', 'u')])
    await run(['tenant', 'put', OTHER, '--data', data])
    assert.equal((await run(['import', file, '--data', data, '--tenant', OTHER])).code, 0)
    assert.deepEqual(await exported(['--data', data]), [''])
    assert.equal((await exported(['--data', data, '--tenant', OTHER])).length, 3)
    const orphan = fileOf(t, [state('s', 'v')])
    const { stderr } = await run(['import', orphan.file, '--data', data])
    assert.match(stderr, /^line 1: There is no deviceShellScript with the id 's' here/m)
  })

  test('goes through the server that runs, and so does the export', async (t) => {
    const states = Array.from({ length: 2500 }, (_, n) => state('s', `u${n}`, { successDeviceCount: 1 }))
    const long = JSON.stringify({
      '@odata.id': `${SCRIPTS}('s')/deviceRunStates('d')`,
      resultMessage: '"'.repeat(5_000_000),
    })
    const { file, data } = fileOf(t, [script('s'), long, ...states])
    const serving = await serve(t, ['--data', data])
    const { code, stderr } = await run(['import', file, '--data', data])
    assert.equal(code, 0, stderr)
    const headers = {
      authorization: `Bearer ${(await run(['token', '--data', data])).stdout.trim()}`,
    }
    const answer = await fetch(`${serving.ready.httpUrl}${SCRIPTS}/s/runSummary`, { headers })
    assert.equal(Object(await answer.json()).successUserCount, 2500)
    const lines = await exported(['--data', data])
    assert.equal(lines.length, 2503)
    assert.equal((await serving.stop()).code, 0)
    assert.deepEqual(await exported(['--data', data]), lines)
  })

  test('takes and gives more than fits into memory', async (t) => {
    const message = 'm'.repeat(4000)
    const states = Array.from({ length: 40_000 }, (_, n) =>
      JSON.stringify({ '@odata.id': `${SCRIPTS}('s')/deviceRunStates('d${n}')`, resultMessage: message }),
    )
    const { file, data, folder } = fileOf(t, [script('s'), ...states])
    const environment = { NODE_OPTIONS: '--max-old-space-size=110' }
    const { code, stderr } = await run(['import', file, '--data', data], { environment })
    assert.equal(code, 0, stderr)
    const copy = join(folder, 'copy.ndjson')
    const written = await run(['export', '--data', data, '--output', copy], { environment })
    assert.equal(written.code, 0, written.stderr)
    assert(statSync(copy).size > 160_000_000)
  })

  test('refuses a wrong command line with 2, and a file that is not there with 1', async (t) => {
    const data = createFolder(t)
    assert.equal((await run(['import', '--data', data])).code, 2)
    assert.equal((await run(['import', 'x', '--from-line', 'y', '--data', data])).code, 2)
    assert.equal((await run(['import', 'x', '--format', 'xml', '--data', data])).code, 2)
    assert.equal((await run(['import', join(data, 'none'), '--data', data])).code, 1)
  })

  test('reads comma-separated values as a spreadsheet writes them', async (t) => {
    const rows = [
      '\ufeffid,displayName,description,roleScopeTagIds,retryCount,executionFrequency',
      's,"A ""quoted"", name","two',
      'lines","[""0"",""7""]",3,PT1H',
      't,,"",,,',
    ]
    const { file, data } = fileOf(t, [rows.join('\r\n'), ''], 'in.CSV')
    const { code, stderr } = await run(['import', file, '--to', SCRIPTS, '--data', data])
    assert.equal(code, 0, stderr)
    const lines = await exported(['--data', data])
    const { displayName, description, roleScopeTagIds, retryCount } = entityAt(lines, `${SCRIPTS}('s')`)
    assert.deepEqual(
      [displayName, description, roleScopeTagIds, retryCount],
      ['A "quoted", name', 'two\r\nlines', ['0', '7'], 3],
    )
    const other = entityAt(lines, `${SCRIPTS}('t')`)
    assert.deepEqual(
      [other['displayName'], other['description'], other['roleScopeTagIds']],
      [null, '', ['0']],
    )
  })
})
