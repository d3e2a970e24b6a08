/**
 * Kills a loaded server at random moments, and checks at each restart that what it acknowledged is there and that
 * nothing was done by half.
 *
 *     node test/faults/kill.ts [kills] [seed]
 *
 * The moments come of the seed, which is printed; how far the server is by then is the machine's affair.
 * Exit code 1 where anything was lost or broken.
 */
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { runCampaign, type Summary } from './campaign.ts'

const [kills = 200, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
const EVERY = 10

async function run(): Promise<Summary> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'runstate-kill-'))
  const ends: (() => Promise<void> | void)[] = [() => rmSync(data, { recursive: true, force: true })]
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  say(`${kills} kills, seed ${seed}`)
  let done = 0
  const report = (line: string): void => {
    done += 1
    if (done % EVERY === 0) say(line)
  }
  try {
    return await runCampaign({ after: (end) => ends.unshift(end) }, { kills, seed, data, report })
  } finally {
    for (const end of ends) await end()
  }
}

const startedAt = performance.now()
const { kills: killed, lost, violations, ...summary } = await run()
for (const line of [...lost, ...violations]) process.stdout.write(`${line}\n`)
process.stdout.write(
  `${JSON.stringify({
    kills: killed.loaded + killed.starting,
    whileStarting: killed.starting,
    ...summary,
    lost: lost.length,
    violations: violations.length,
    seconds: Math.round((performance.now() - startedAt) / 1000),
  })}\n`,
)
process.exitCode = lost.length + violations.length === 0 ? 0 : 1
