import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { limits } from '#base/base.ts'
import { ODataError } from '#odata/odata.ts'
import { startChild, temporaryFile, typeNamed } from '../../../test/support/storage.ts'
import { openTenantFile, storeTenant, type TenantFile } from '../../../test/support/tenant-file.ts'
import { command, query } from '../plan.ts'
import { all, one, type Transaction } from '../transaction.ts'
import { Connection } from './connection.ts'
import { Writer } from './writer.ts'

/** A writer on a new file. */
interface Bench extends TenantFile {
  readonly writer: Writer
}

function openWriter(t: TestContext): Bench {
  const opened = openTenantFile(t)
  return { ...opened, writer: new Writer(opened.connection) }
}

/** A script that is not there. */
const nobody = { type: typeNamed('deviceShellScript'), within: { tenant: 1 }, key: 'nobody' }

function isUnavailable(error: unknown): error is ODataError {
  return error instanceof ODataError && error.code === 'ServiceUnavailable'
}

/** How each of the promises ended: its value, or what it was rejected with. */
async function outcomes(promises: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(promises)
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason))
}

/** Leaves no room beyond `pages` more than the database has. */
function limitPages({ connection }: Bench, pages: number): void {
  const [row] = connection.run(query`PRAGMA page_count`)
  connection.execute(`PRAGMA max_page_count = ${Number(row?.['page_count']) + pages}`)
}

describe('the writer', () => {
  test('commits the transactions of one turn together, and answers them after the commit', async (t) => {
    const { writer, stored } = openWriter(t)
    const events: string[] = []
    const transact = async (tid: string) => {
      await writer.transact(function* () {
        events.push(`run ${tid}`)
        return yield* storeTenant(tid)
      })
      events.push(`answer ${tid}, stored ${stored()}`)
    }
    await Promise.all(['a', 'b', 'c'].map(transact))
    assert.deepEqual(events.slice(0, 3), ['run a', 'run b', 'run c'])
    assert.deepEqual(
      events.slice(3),
      ['a', 'b', 'c'].map((tid) => `answer ${tid}, stored a,b,c`),
    )
    assert.equal(writer.commits, 1)
  })

  test('waits to the end of the turn, for what other callbacks bring', async (t) => {
    const { writer, stored } = openWriter(t)
    const first = writer.transact(() => storeTenant('a'))
    for (let i = 0; i < 20; i++) await undefined
    const { promise: tick, resolve } = Promise.withResolvers<void>()
    process.nextTick(resolve)
    await tick
    assert.deepEqual(stored(), [])
    await Promise.all([first, writer.transact(() => storeTenant('b'))])
    assert.equal(writer.commits, 1)
  })

  test('commits the transactions of two turns apart', async (t) => {
    const { writer } = openWriter(t)
    await writer.transact(() => storeTenant('a'))
    await writer.transact(() => storeTenant('b'))
    assert.equal(writer.commits, 2)
  })

  const most = limits.commitRequests
  for (const [count, commits] of [
    [most, 1],
    [most + 1, 2],
    [2 * most + 1, 3],
  ] as const) {
    test(`takes ${commits} commits for ${count} transactions of one turn`, async (t) => {
      const { writer, stored } = openWriter(t)
      const tids = Array.from({ length: count }, (_, i) => String(i).padStart(3, '0'))
      await Promise.all(tids.map((tid) => writer.transact(() => storeTenant(tid))))
      assert.equal(writer.commits, commits)
      assert.deepEqual(stored(), tids)
    })
  }

  test('runs each body to its end before anything else runs', async (t) => {
    const { writer } = openWriter(t)
    const events: string[] = []
    const body = (tid: string) =>
      function* (): Transaction<void> {
        queueMicrotask(() => events.push(`microtask of ${tid}`))
        events.push(`${tid} begins`)
        yield* storeTenant(tid)
        yield* all(query`SELECT 1`)
        events.push(`${tid} ends`)
      }
    await Promise.all([writer.transact(body('a')), writer.transact(body('b'))])
    assert.deepEqual(events.slice(0, 4), ['a begins', 'a ends', 'b begins', 'b ends'])
  })

  test('lets a body see what it wrote, and what those before it wrote', async (t) => {
    const { writer } = openWriter(t)
    const count = function* (tid: string): Transaction<unknown> {
      yield* storeTenant(tid)
      return (yield* one(query`SELECT count(*) AS count FROM tenant`))?.['count']
    }
    const counts = ['a', 'b'].map((tid) => writer.transact(() => count(tid)))
    assert.deepEqual(await outcomes(counts), [1, 2])
  })

  test('undoes a body that throws, and keeps the others of its batch', async (t) => {
    const { writer, stored } = openWriter(t)
    const mistake = new Error('a mistake')
    const ended = await outcomes([
      writer.transact(() => storeTenant('a')),
      writer.transact(function* () {
        yield* storeTenant('b')
        throw mistake
      }),
      writer.transact(() => {
        throw mistake
      }),
      writer.transact(() => storeTenant('c')),
    ])
    assert.deepEqual(ended, ['a', mistake, mistake, 'c'])
    assert.deepEqual(stored(), ['a', 'c'])
    assert.equal(writer.commits, 1)
  })

  test('runs all once more where one has to be undone after it has written, and answers each once', async (t) => {
    const { writer, stored } = openWriter(t)
    const runs: string[] = []
    const answers: string[] = []
    const run = async (tid: string, end: () => void = () => undefined): Promise<void> => {
      const body = function* (): Transaction<string> {
        runs.push(tid)
        yield* storeTenant(tid)
        end()
        return tid
      }
      await writer.transact(body).then(
        (answer) => answers.push(answer),
        (error: Error) => answers.push(error.message),
      )
    }
    const mistake = (): never => {
      throw new Error('a mistake')
    }
    await Promise.all([run('a'), run('b', mistake), run('c')])
    assert.deepEqual(runs, ['a', 'b', 'a', 'b', 'c'])
    assert.deepEqual(answers, ['a', 'a mistake', 'c'])
    assert.deepEqual(stored(), ['a', 'c'])
    assert.equal(writer.commits, 1)
  })

  test('runs nothing once more where what failed had changed nothing, or was the only one', async (t) => {
    const { writer, stored } = openWriter(t)
    const runs: string[] = []
    const read = function* (): Transaction<void> {
      runs.push('read')
      yield* all(query`SELECT 1`)
      throw new Error('not there')
    }
    const write = function* (): Transaction<void> {
      runs.push('write')
      yield* storeTenant('b')
      throw new Error('too late')
    }
    const remove = function* (): Transaction<void> {
      runs.push('delete')
      if ((yield* one({ kind: 'delete', ...nobody })) === undefined) throw new Error('not there')
    }
    await outcomes([writer.transact(() => storeTenant('a')), writer.transact(read), writer.transact(remove)])
    await outcomes([writer.transact(write)])
    assert.deepEqual(runs, ['read', 'delete', 'write'])
    assert.deepEqual(stored(), ['a'])
  })

  test('fails a body that breaks a constraint alone, with the error of the database', async (t) => {
    const { writer, stored } = openWriter(t)
    const [a, broken, c] = await outcomes([
      writer.transact(() => storeTenant('a')),
      writer.transact(function* () {
        yield* storeTenant('b')
        return yield* storeTenant('a')
      }),
      writer.transact(() => storeTenant('c')),
    ])
    assert.deepEqual([a, c], ['a', 'c'])
    assert(broken instanceof Error && !isUnavailable(broken), String(broken))
    assert.match(broken.message, /^UNIQUE constraint failed: tenant/)
    assert.deepEqual(stored(), ['a', 'c'])
  })

  test('fails a body whose statement is wrong alone, and not as an outage', async (t) => {
    const { writer } = openWriter(t)
    const [wrong, b] = await outcomes([
      writer.transact(() => all(command`INSERT INTO nowhere VALUES (1)`)),
      writer.transact(() => storeTenant('b')),
    ])
    assert(wrong instanceof Error && !isUnavailable(wrong), String(wrong))
    assert.equal(b, 'b')
  })

  test('does not run what was given up, and rejects it with the reason', async (t) => {
    const { writer, stored } = openWriter(t)
    const reason = new Error('the client is gone')
    const controller = new AbortController()
    const given = writer.transact(() => storeTenant('a'), controller.signal)
    const other = writer.transact(() => storeTenant('b'))
    controller.abort(reason)
    assert.deepEqual(await outcomes([given, other]), [reason, 'b'])
    assert.deepEqual(stored(), ['b'])
  })

  test('runs at its close what waits, and takes nothing after', async (t) => {
    const { file, stored } = openWriter(t)
    const connection = new Connection(file, { readOnly: false })
    const writer = new Writer(connection)
    const waiting = writer.transact(() => storeTenant('a'))
    writer.close()
    connection.close()
    assert.deepEqual(stored(), ['a'])
    const late = outcomes([writer.transact(() => storeTenant('b'))])
    await nextTurn()
    await nextTurn()
    const first = await waiting
    const [second] = await late
    assert.equal(first, 'a')
    assert(isUnavailable(second), String(second))
    assert.equal(writer.commits, 1)
  })
})

describe('where the database fails', () => {
  test('a full disk drops the whole batch, and the writer goes on when there is room', async (t) => {
    const bench = openWriter(t)
    const { writer, stored } = bench
    await writer.transact(() => storeTenant('before'))
    limitPages(bench, 2)
    const ended = await outcomes([
      writer.transact(() => storeTenant('a')),
      writer.transact(() => storeTenant('b', 100_000)),
      writer.transact(() => storeTenant('c')),
    ])
    assert(ended.length === 3 && ended.every(isUnavailable), String(ended))
    assert.match(String(ended.map(({ cause }) => cause)), /full/)
    assert.deepEqual(stored(), ['before'])
    limitPages(bench, 1000)
    assert.equal(await writer.transact(() => storeTenant('b', 100_000)), 'b')
    assert.deepEqual(stored(), ['b', 'before'])
    assert.equal(writer.commits, 2)
  })

  test('a full disk that undid one statement alone fails only its body', async (t) => {
    const bench = openWriter(t)
    const { writer, stored } = bench
    limitPages(bench, 2)
    const many = command`INSERT INTO tenant (tid, domain)
      SELECT value, printf('%.*c', 9000, value) FROM json_each('["x", "y", "z"]')`
    const [a, full, c] = await outcomes([
      writer.transact(() => storeTenant('a')),
      writer.transact(() => all(many)),
      writer.transact(() => storeTenant('c')),
    ])
    assert.deepEqual([a, c], ['a', 'c'])
    assert(isUnavailable(full), String(full))
    assert.deepEqual(stored(), ['a', 'c'])
  })

  test('a COMMIT that fails rejects every transaction of its batch, and keeps nothing', async (t) => {
    const { writer, stored } = openWriter(t)
    const ended = await outcomes([
      writer.transact(() => storeTenant('a')),
      writer.transact(function* () {
        yield* all(command`PRAGMA defer_foreign_keys = ON`)
        yield* all(command`INSERT INTO purge (tenant, parent_table, parent) VALUES (99, '', 0)`)
      }),
    ])
    assert(ended.every(isUnavailable), String(ended))
    assert.deepEqual([stored(), writer.commits], [[], 0])
    assert.equal(await writer.transact(() => storeTenant('b')), 'b')
    assert.deepEqual(stored(), ['b'])
  })

  test('a BEGIN that fails rejects the batch without running it', async (t) => {
    const { writer, stored, file } = openWriter(t)
    const other = new Connection(file, { readOnly: false })
    other.execute('BEGIN IMMEDIATE')
    let runs = 0
    const body = () => {
      runs += 1
      return storeTenant('a')
    }
    const ended = await outcomes([writer.transact(body), writer.transact(body)])
    assert(ended.every(isUnavailable), String(ended))
    assert.equal(runs, 0)
    other.execute('ROLLBACK')
    other.close()
    await writer.transact(body)
    assert.deepEqual(stored(), ['a'])
  })

  test('a disk that takes no more at the COMMIT leaves what was answered, and only that', {
    skip: process.platform === 'win32' && 'no ulimit here',
  }, async (t) => {
    const file = temporaryFile(t)
    const child = startChild(t, fillDisk(file), { before: 'ulimit -f 2048' })
    const { output, code } = await child.ended
    assert.equal(code, 0)
    const { kept, refused } = JSON.parse(output)
    assert.deepEqual(kept, ['0a', '0b', '1a', '1b', 'small'])
    assert.deepEqual(refused, ['2a', '2b'])
    const connection = new Connection(file, { readOnly: false })
    t.after(() => connection.close())
    const stored = connection.run(query`SELECT tid FROM tenant ORDER BY number`).map(({ tid }) => tid)
    assert.deepEqual(stored, kept)
  })
})

/** Writes pairs of rows, then a pair that is larger than a file may be, and then a small one, for which there is room. */
function fillDisk(file: string): string {
  return `
    import { model } from '#model/model.ts'
    import { all, command, openStorage } from '#storage/storage.ts'
    await using storage = await openStorage({ model, file: ${JSON.stringify(file)} })
    const kept = []
    const refused = []
    const store = async (tid, bytes) => {
      try {
        await storage.transact(() =>
          all(command\`INSERT INTO tenant (tid, domain) VALUES (\${tid}, \${tid.padEnd(bytes, '.')})\`))
        kept.push(tid)
      } catch (error) {
        if (error.code !== 'ServiceUnavailable') throw error
        refused.push(tid)
      }
    }
    for (const [i, bytes] of [20_000, 20_000, 600_000].entries()) {
      await Promise.all([store(i + 'a', bytes), store(i + 'b', bytes)])
    }
    await store('small', 0)
    console.log(JSON.stringify({ kept, refused }))
  `
}
