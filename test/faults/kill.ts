/**
 * Kills a loaded server, or its database, at random moments, and checks after each kill that what was acknowledged is
 * there and that nothing was done by half.
 *
 *     node test/faults/kill.ts [kills] [seed] [--postgres]
 *
 * On SQLite, or with `--postgres` on a cluster of PostgreSQL that is made for it. The moments come of the seed, which is
 * printed; how far the server is by then is the machine's affair. Exit code 1 where anything was lost or broken.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createFolder, type Ending } from '../support/command-line.ts'
import { runCampaign, type Summary } from './campaign.ts'
import { fileSubject } from './subject.ts'
import { clusterSubject } from './subject-cluster.ts'

const { values, positionals } = parseArgs({
  options: { postgres: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [kills = 200, seed = randomInt(2 ** 31)] = positionals.map(Number)
assert(Number.isSafeInteger(kills) && Number.isSafeInteger(seed), 'the kills and the seed are whole numbers')
const EVERY = 10

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function run(): Promise<Summary> {
  const ends: (() => Promise<void> | void)[] = []
  const ending: Ending = { after: (end) => ends.unshift(end) }
  say(`${kills} kills on ${values.postgres ? 'PostgreSQL' : 'SQLite'}, seed ${seed}`)
  let done = 0
  const report = (line: string): void => {
    done += 1
    if (done % EVERY === 0) say(line)
  }
  try {
    const data = createFolder(ending)
    const subject = values.postgres ? await clusterSubject(ending, data) : fileSubject(data)
    return await runCampaign(ending, { kills, seed, subject, report })
  } finally {
    for (const end of ends) await end()
  }
}

const startedAt = performance.now()
const { lost, violations, ...summary } = await run()
for (const line of [...lost, ...violations]) say(line)
const seconds = Math.round((performance.now() - startedAt) / 1000)
say(JSON.stringify({ ...summary, lost: lost.length, violations: violations.length, seconds }))
process.exitCode = lost.length + violations.length === 0 ? 0 : 1
