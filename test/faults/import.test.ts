import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFolder, run, type Started, start } from '../support/command-line.ts'

const SCRIPT = "/beta/deviceManagement/deviceShellScripts('s')"
const STATES = 60_000

function fileOf(t: TestContext): { readonly file: string; readonly folder: string } {
  const folder = createFolder(t)
  const lines = [JSON.stringify({ '@odata.id': SCRIPT, createdDateTime: '2026-01-01T00:00:00Z' })]
  for (let n = 0; n < STATES; n += 1) {
    lines.push(
      `{"@odata.id":"${SCRIPT}/userRunStates('u${(n * 7919) % STATES}')","successDeviceCount":${n % 3}}`,
    )
  }
  lines.push(`{"@odata.id":"${SCRIPT}/runSummary","errorUserCount":5}`)
  const file = join(folder, 'in.ndjson')
  writeFileSync(file, lines.join('\n'))
  return { file, folder }
}

/** The line where the next batch begins; 1 as long as none is stored. */
function nextLine(data: string): number {
  try {
    using database = new DatabaseSync(join(data, 'runstate.db'), { readOnly: true })
    return Number(database.prepare('SELECT next_line FROM import_progress').get()?.['next_line'] ?? 1)
  } catch {
    return 1
  }
}

/** Waits for a batch that is stored, while the command runs. */
async function untilUnderWay({ child }: Started, data: string): Promise<void> {
  while (nextLine(data) === 1) {
    assert.equal(child.exitCode, null, 'it has ended too soon')
    await sleep(5)
  }
}

describe('an import that is cut off', () => {
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    test(`by ${signal} goes on where it was, and loses and doubles nothing`, async (t) => {
      const { file, folder } = fileOf(t)
      const [cut, whole] = [join(folder, 'cut'), join(folder, 'whole')]
      const started = start(['import', file, '--data', cut])
      await untilUnderWay(started, cut)
      started.child.kill(signal)
      const { code, stdout, stderr } = await started.ended
      assert.equal(stdout, '')
      assert.equal(code, signal === 'SIGKILL' ? signal : 1)
      const line = nextLine(cut)
      assert(line > 1 && line < STATES, String(line))
      assert.equal((line - 1) % 25_000, 0)
      const before = await run(['export', '--data', cut])
      assert.equal(before.stdout.trimEnd().split('\n').length, line)
      if (signal === 'SIGINT') {
        assert.match(
          stderr,
          new RegExp(`^runstate: Stopped before line ${line}\\. The same command goes on`, 'm'),
        )
      }
      const second = await run(['import', file, '--data', cut])
      assert.equal(second.code, 0, second.stderr)
      assert.match(second.stderr, new RegExp(`^The import goes on at line ${line}\\.$`, 'm'))
      assert.equal((await run(['import', file, '--data', whole])).code, 0)
      const withoutTimes = async (data: string): Promise<string> =>
        (await run(['export', '--data', data])).stdout.replace(/"lastModifiedDateTime":"[^"]+"/, '')
      assert.equal(await withoutTimes(cut), await withoutTimes(whole))
      assert.equal(nextLine(cut), 1)
    })
  }
})
