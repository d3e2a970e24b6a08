/** What whoever runs a server asks of it: whether it lives, whether it can serve, and what it counted. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'

/** The value of a line of the text format, by its name and labels as they are printed. */
function numberAt(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

describe('the health of a server', () => {
  test('is asked for without a token, alive and ready', async () => {
    await using runstate = await startRunstate()
    for (const path of ['/health', '/health/live', '/health/ready', '/health/ready/']) {
      const answer = await runstate.send('GET', path, { token: null })
      assert.equal(answer.status, 200, path)
      assert.deepEqual(answer.body, { status: 'ok' })
    }
    assert.equal((await runstate.send('POST', '/health/ready', { token: null })).status, 405)
    assert.equal((await runstate.send('GET', '/health/other', { token: null })).status, 401)
  })

  test('is alive and not ready where the database does not answer', async () => {
    const runstate = await startRunstate()
    await runstate.server[Symbol.asyncDispose]()
    const [live, ready] = await Promise.all(
      ['live', 'ready'].map((name) => runstate.send('GET', `/health/${name}`, { token: null })),
    )
    assert.equal(live?.status, 200)
    assert.equal(ready?.status, 503)
    assert.equal(ready?.headers.get('retry-after'), '5')
  })
})

describe('the numbers of a server', () => {
  test('are not kept where nobody asked for them', async () => {
    await using runstate = await startRunstate()
    const answer = await runstate.send('GET', '/metrics', { token: null })
    assert.equal(answer.status, 404)
    assert.match(answer.text, /--metrics/)
  })

  test('tell of every request, its status and its time, of rows and of commits', async () => {
    await using runstate = await startRunstate({ metrics: true })
    const id = await runstate.create('deviceShellScripts', { displayName: 'a' })
    await runstate.send('PATCH', `deviceShellScripts/${id}`, { body: { displayName: 'b' } })
    await runstate.send('PATCH', 'deviceShellScripts/nothing', { body: { displayName: 'b' } })
    await runstate.send('GET', 'deviceShellScripts', { token: null })
    const answer = await runstate.send('GET', '/metrics', { token: null })
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const requests = (operation: string, status: number): number =>
      numberAt(answer.text, `runstate_requests_total{operation="${operation}",status="${status}"}`)
    assert.equal(requests('create deviceShellScript', 201), 1)
    assert.equal(requests('update deviceShellScript', 200), 1)
    assert.equal(requests('update deviceShellScript', 404), 1)
    assert.equal(requests('none', 401), 1)
    const timed = 'runstate_request_duration_seconds_count{operation="update deviceShellScript"}'
    assert.equal(numberAt(answer.text, timed), 2)
    assert.equal(numberAt(answer.text, 'runstate_rows_written_total'), 2)
    assert(numberAt(answer.text, 'runstate_commits_total') >= 2)
    assert(numberAt(answer.text, 'process_resident_memory_bytes') > 0)
  })

  test('tell what the caches knew, what waits, what is connected, and how many writes shared a commit', async () => {
    await using runstate = await startRunstate({ metrics: true })
    const id = await runstate.create('deviceShellScripts', { displayName: 'a' })
    const scrape = async () => (await runstate.send('GET', '/metrics', { token: null })).text
    const before = await scrape()
    const patches = Array.from({ length: 5 }, (_, n) =>
      runstate.send('PATCH', `deviceShellScripts/${id}`, { body: { displayName: `${n}` } }),
    )
    await Promise.all([...patches, runstate.send('GET', 'deviceShellScripts')])
    for (let i = 0; i < 2; i += 1) await runstate.send('GET', `deviceShellScripts/${id}`)
    const text = await scrape()
    const moved = (name: string): number => numberAt(text, name) - numberAt(before, name)
    assert.equal(moved('runstate_cache_lookups_total{cache="tokens",outcome="hit"}'), 8)
    assert.equal(moved('runstate_cache_lookups_total{cache="tokens",outcome="miss"}'), 0)
    assert.equal(numberAt(text, 'runstate_cache_lookups_total{cache="tokens",outcome="miss"}'), 1)
    assert(moved('runstate_cache_lookups_total{cache="statements",outcome="hit"}') > 0)
    assert(moved('runstate_cache_lookups_total{cache="statements",outcome="miss"}') > 0)
    assert.equal(moved('runstate_commit_transactions_sum'), 5)
    const commits = moved('runstate_commits_total')
    assert(commits >= 1 && commits <= 5)
    assert.equal(moved('runstate_commit_transactions_count'), commits)
    assert.equal(moved('runstate_commit_transactions_bucket{le="64"}'), commits)
    for (const queue of ['write', 'scan'])
      assert.equal(numberAt(text, `runstate_queue_depth{queue="${queue}"}`), 0)
    const connections = (pool: string, state: string): number =>
      numberAt(text, `runstate_pool_connections{pool="${pool}",state="${state}"}`)
    for (const pool of ['write', 'scan']) {
      assert.equal(connections(pool, 'busy'), 0)
      assert(connections(pool, 'idle') > 0, pool)
    }
  })

  test('count each part of a batch, and hold no id, name or token', async () => {
    await using runstate = await startRunstate({ metrics: true })
    const id = await runstate.create('deviceShellScripts', { displayName: 'a' })
    const url = `/deviceManagement/deviceShellScripts/${id}`
    const requests = [1, 2, 3].map((n) => ({ id: n, method: 'PATCH', url, body: { displayName: `${n}` } }))
    await runstate.send('POST', '/beta/$batch', { body: { requests } })
    const { text } = await runstate.send('GET', '/metrics', { token: null })
    assert.equal(
      numberAt(text, 'runstate_requests_total{operation="update deviceShellScript",status="200"}'),
      3,
    )
    assert.equal(numberAt(text, 'runstate_requests_total{operation="batch",status="200"}'), 1)
    const { tenant, clientId } = runstate.server.config
    assert.doesNotMatch(text, new RegExp(`${id}|${tenant}|${clientId}|eyJ`))
    const labels = [...text.matchAll(/^runstate_\w+\{(.+)\}/gm)].flatMap(([, all = '']) =>
      all.match(/\w+(?==)/g),
    )
    const known = new Set(['operation', 'status', 'le', 'cache', 'outcome', 'queue', 'pool', 'state'])
    assert.deepEqual(new Set(labels), known)
  })
})
