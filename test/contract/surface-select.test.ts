/** `$select` and `$count` all over the surface, and the refusals of single navigations and of actions. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errorOf, startRunstate } from '../support/runstate.ts'
import { assertRefused, families, readText, rowsOf, useRunstate } from './families.ts'
import { contextOf, fillIn, type SurfaceOperation, surface } from './surface.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'

const reads = surface.filter(({ answers, method }) => method === 'GET' && answers !== 'number')
const counts = surface.filter(({ answers }) => answers === 'number')
const singles = surface.filter(
  ({ path, method }) => method === 'GET' && /(managedDevice|runSummary)$/.test(path),
)

function membersOf({ about, family }: SurfaceOperation): readonly string[] {
  return about?.members ?? family.members
}

/** The context of an answer that has been narrowed: the names stand before `/$entity`. */
function narrowedContext(operation: SurfaceOperation, names: readonly string[]): string {
  const context = contextOf(operation)
  const list = `(${names.join(',')})`
  return context.endsWith('/$entity')
    ? context.replace(/\/\$entity$/, `${list}/$entity`)
    : `${context}${list}`
}

describe('$select', () => {
  const runstate = useRunstate({ demo: true })

  for (const operation of reads) {
    const { path } = operation
    const members = membersOf(operation)

    test(`leaves the members that it names, and says so: ${path}`, async () => {
      for (const names of [...members.map((name) => [name]), members.slice(0, 2), members.slice(-2)]) {
        const whole = await runstate().send('GET', path)
        const answer = await runstate().send('GET', `${path}?$select=${names.join(',')}`)
        assert.equal(answer.status, 200, answer.text)
        const context = String(answer.body['@odata.context'])
        assert(context.endsWith(`/beta/$metadata#${narrowedContext(operation, names)}`), context)
        const [row = answer.body] = operation.answers === 'rows' ? rowsOf(answer) : []
        const [full = whole.body] = operation.answers === 'rows' ? rowsOf(whole) : []
        const kept = Object.entries(row).filter(([name]) => !name.startsWith('@'))
        assert.deepEqual(
          kept,
          names.map((name) => [name, full[name]]),
        )
      }
    })

    test(`may be spelled in any way: ${path}`, async () => {
      const [first = 'id', second = 'id'] = members
      const expected = await readText(runstate(), `${path}?$select=${first},${second}`)
      for (const query of [
        `$select=${second},${first}`,
        `select=${first},${second}`,
        `$SELECT=${first.toUpperCase()},${second.toLowerCase()}`,
        `%24select=${first}%2C%20${second}`,
        `$select=${first},${second},${first}`,
      ])
        assert.equal(await readText(runstate(), `${path}?${query}`), expected, query)
      assert.equal(await readText(runstate(), `${path}?$select=*`), await readText(runstate(), path))
    })

    test(`is 400 with a name that is none, and names it: ${path}`, async () => {
      const type = operation.about?.type ?? operation.family.type
      for (const name of ['nonsense', 'nonSense']) {
        const answer = await runstate().send('GET', `${path}?$select=id,${name}`)
        assertRefused(answer, 400, 'BadRequest')
        const { message } = errorOf(answer)
        const expected = `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`
        assert.equal(message, `Parsing OData Select and Expand failed: ${expected}`)
      }
    })
  }

  test('of a member that is null leaves null', async () => {
    const device = await runstate().create('managedDevices', {})
    const { body } = await runstate().send('GET', `managedDevices/${device}?$select=serialNumber`)
    assert.equal(body['serialNumber'], null)
  })

  test('stays in the link to the next page', async () => {
    for (const set of ['managedDevices', 'deviceShellScripts']) {
      const creation = families[1]?.creation ?? {}
      const body = set === 'managedDevices' ? { deviceName: 'x' } : creation
      for (let i = 0; i < 3; i++) await runstate().create(set, body)
      let next: string | undefined = `${set}?$select=id&$top=2`
      let rows = 0
      while (next !== undefined) {
        const answer = await runstate().send('GET', next)
        for (const row of rowsOf(answer)) {
          assert.deepEqual(
            Object.keys(row).filter((name) => !name.startsWith('@')),
            ['id'],
          )
          rows++
        }
        const link: unknown = answer.body['@odata.nextLink']
        const url: URL | undefined = link === undefined ? undefined : new URL(String(link))
        next = url === undefined ? undefined : `${url.pathname}${url.search}`
      }
      assert.equal(rows, Number(await readText(runstate(), `${set}/$count`)))
    }
  })
})

describe('$count', () => {
  test('moves with what is created and deleted, on every collection', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const { path, family, template } of counts) {
      const creation = surface.find(
        (one) => one.family === family && one.method === 'POST' && `${one.template}/$count` === template,
      )
      assert(creation !== undefined)
      const before = Number(await readText(runstate, path))
      const id = await runstate.create(creation.path, creation.body?.(family))
      assert.equal(await readText(runstate, path), String(before + 1), path)
      assert.equal((await runstate.send('DELETE', `${creation.path}/${id}`)).status, 204)
      assert.equal(await readText(runstate, path), String(before), path)
    }
  })

  test('is bare text, with no media type of OData’s JSON', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const { path } of counts) {
      const answer = await runstate.send('GET', path)
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
      assert.match(answer.text, /^[1-9]\d*$/)
    }
  })

  test('counts more than a page holds, and 0', async () => {
    await using runstate = await startRunstate()
    const script = `deviceShellScripts/${await runstate.create('deviceShellScripts', families[1]?.creation)}`
    assert.equal(await readText(runstate, `${script}/deviceRunStates/$count`), '0')
    const bodies = Array.from({ length: 1001 }, (_, i) => ({ errorCode: i }))
    await Promise.all(bodies.map((body) => runstate.create(`${script}/deviceRunStates`, body)))
    assert.equal(await readText(runstate, `${script}/deviceRunStates/$count`), '1001')
  })

  test('is 404 below what is not there', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const { template, family } of counts.filter(({ template }) => template.includes('{script}'))) {
      for (const key of ['{script}', '{userState}'].filter((one) => template.includes(one))) {
        const path = fillIn(template.replace(key, UNKNOWN), family)
        assertRefused(await runstate.send('GET', path), 404, 'ResourceNotFound')
      }
    }
  })

  test('is of collections alone', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const { path } of reads.filter(({ answers }) => answers === 'entity'))
      assertRefused(await runstate.send('GET', `${path}/$count`), 400, 'BadRequest')
  })
})

describe('a single navigation', () => {
  const runstate = useRunstate({ demo: true })

  for (const { path, template, family } of singles) {
    test(`has no key, no rows and no links: ${path}`, async () => {
      for (const rest of ["('x')", '/x', '/id', '/$ref', '/$value', '/$count'])
        assertRefused(await runstate().send('GET', `${path}${rest}`), 400, 'BadRequest')
      assertRefused(await runstate().send('GET', `${path}?$top=0`), 400, 'BadRequest')
    })

    test(`is 404 where anything before it is not there: ${path}`, async () => {
      for (const [key] of template.matchAll(/\{(?:script|userState|deviceState)\}/g)) {
        const wrong = fillIn(template.replace(key, UNKNOWN), family)
        assertRefused(await runstate().send('GET', wrong), 404, 'ResourceNotFound')
      }
    })
  }
})

/** What no action takes, whatever its parameters are. */
const oddBodies: readonly (readonly [string, unknown])[] = [
  ['nothing', ''],
  ['null', 'null'],
  ['a number', '1'],
  ['text', '"x"'],
  ['true', 'true'],
  ['a list', '[]'],
  ['broken JSON', '{'],
  ['two bodies', '{}{}'],
  ['an unknown parameter', { nonsense: [] }],
  ['a parameter in another case', { DeviceManagementScriptAssignments: [], PayloadIds: [] }],
  ['a nested list', { deviceManagementScriptAssignments: [[]], payloadIds: [[]] }],
  ['null among the values', { deviceManagementScriptAssignments: [null] }],
  ['null among the ids', { payloadIds: ['x', null] }],
  ['an object among the ids', { payloadIds: [{ id: 'x' }] }],
  ['a Boolean for the rows', { deviceManagementScriptGroupAssignments: true }],
  ['U+0000', { deviceManagementScriptGroupAssignments: [{ targetGroupId: '\u0000' }] }],
  ['an unpaired surrogate', '{"deviceManagementScriptGroupAssignments":[{"targetGroupId":"\\ud800"}]}'],
  [
    'an unknown member far below',
    '{"deviceManagementScriptAssignments":[{"target":{"@odata.type":"#microsoft.graph.groupAssignmentTarget","groupId":"x","a":{"b":1}}}]}',
  ],
]

describe('an action', () => {
  const runstate = useRunstate({ demo: true })
  const actions = surface.filter(({ access }) => access === 'assign' || access === 'payloadLinks')

  for (const { path, family } of actions) {
    const state = async () => {
      const script = fillIn('{F}/{script}', family)
      const texts = []
      for (const rest of ['', '/assignments', '/groupAssignments'])
        texts.push(await readText(runstate(), `${script}${rest}`))
      return texts.join('\n')
    }

    for (const [name, body] of oddBodies) {
      test(`is 400 with ${name}, and writes nothing: ${path}`, async () => {
        const before = await state()
        assertRefused(await runstate().send('POST', path, { body }), 400)
        assert.equal(await state(), before)
      })
    }

    test(`takes JSON alone, as every write: ${path}`, async () => {
      const before = await state()
      const sending = { body: '<x/>', headers: { 'content-type': 'application/xml' } }
      assertRefused(await runstate().send('POST', path, sending), 415, 'UnsupportedMediaType')
      assert.equal(await state(), before)
    })

    test(`has nothing below it: ${path}`, async () => {
      const before = await state()
      for (const rest of ['/x', '/$count', '/$value'])
        assertRefused(await runstate().send('POST', `${path}${rest}`, { body: {} }), 400, 'BadRequest')
      assert.equal(await state(), before)
    })
  }

  test('treats null for a parameter as a parameter that is not sent', async () => {
    const script = fillIn('{F}/{script}', families[0] ?? assert.fail())
    const both = { deviceManagementScriptAssignments: null, deviceManagementScriptGroupAssignments: null }
    assertRefused(await runstate().send('POST', `${script}/assign`, { body: both }), 400)
    const one = { ...both, deviceManagementScriptGroupAssignments: [{ targetGroupId: 'x' }] }
    assert.equal((await runstate().send('POST', `${script}/assign`, { body: one })).status, 204)
    assert.equal(await readText(runstate(), `${script}/assignments/$count`), '1')
  })
})
