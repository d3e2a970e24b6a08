/** The short campaigns of kills write too little for a checkpoint; here one is always under way. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Connection } from '#storage/sqlite/connection.ts'
import { temporaryFile } from '../support/storage.ts'

const program = fileURLToPath(import.meta.resolve('./checkpoint-writer.ts'))

/** Rows that a commit of the program changes. */
const CHANGED = 50

function createFile(t: TestContext): string {
  const file = temporaryFile(t)
  const connection = new Connection(file, { readOnly: false })
  connection.execute(`PRAGMA journal_mode = WAL;
    CREATE TABLE entry (id INTEGER PRIMARY KEY, changes INTEGER NOT NULL, content BLOB NOT NULL);
    WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 1999)
      INSERT INTO entry SELECT n, 0, zeroblob(3000) FROM c`)
  connection.close()
  return file
}

/** Runs the program, kills it when it has made so many passes, and gives how many commits it told of. */
async function writeUntilKilled(t: TestContext, file: string, passes: number): Promise<number> {
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.split('pass\n').length > passes) child.kill('SIGKILL')
  })
  await once(child, 'close')
  assert.equal(child.signalCode, 'SIGKILL')
  return Number(output.match(/\d+(?=\n)/g)?.at(-1) ?? 0)
}

/** Commits that are in the database, which is whole. */
function countCommits(file: string): number {
  const connection = new Connection(file, { readOnly: false })
  const [check] = connection.all({ text: 'PRAGMA integrity_check', values: [] })
  assert.equal(check?.['integrity_check'], 'ok')
  const [row] = connection.all({ text: 'SELECT sum(changes) AS changes FROM entry', values: [] })
  connection.close()
  return Number(row?.['changes']) / CHANGED
}

test('a process that is killed while its log is copied loses no commit', { timeout: 120_000 }, async (t) => {
  const file = createFile(t)
  let before = 0
  for (const passes of [1, 2, 3, 5, 8, 13, 21, 34]) {
    const told = before + (await writeUntilKilled(t, file, passes))
    const stored = countCommits(file)
    // One may have been done that was not told of.
    assert(stored === told || stored === told + 1, `${told} commits were told of, and there are ${stored}`)
    before = stored
  }
})
