/** Starts a server, checks it, loads it and kills it, again and again on the same data folder. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Ending, type Environment, launch, type Serving } from '../support/command-line.ts'
import { createDice, type Dice } from '../support/dice.ts'
import { inspectFile, inspectOrphans, readAll } from './check.ts'
import { type Client, connect } from './client.ts'
import { Ledger } from './ledger.ts'
import { sendOne, write } from './load.ts'
import { createScript, SHARED } from './orders.ts'

export interface CampaignOptions {
  readonly kills: number
  readonly seed: number
  /** The data folder. */
  readonly data: string
  /** Flags of the server beside the folder. */
  readonly flags?: readonly string[]
  readonly environment?: Environment
  /** Told of each kill. */
  readonly report?: (line: string) => void
}

/** What a campaign found. */
export interface Summary {
  /** Kills under load, and of servers that were still starting. */
  readonly kills: { readonly loaded: number; readonly starting: number }
  readonly acknowledged: number
  /** Requests, or parts of batches, that the kills left without an answer. */
  readonly unanswered: number
  /** Those of them that were done all the same. */
  readonly landed: number
  readonly lost: readonly string[]
  readonly violations: readonly string[]
}

const WRITERS = 8
const LONGEST_LOAD_MS = 500
const LONGEST_START_MS = 600

/** Runs a campaign; its last server is stopped as it should be. */
export async function runCampaign(ending: Ending, options: CampaignOptions): Promise<Summary> {
  const campaign = new Campaign(ending, options)
  for (let kill = 1; kill <= options.kills; kill++) {
    await campaign.kill(kill)
    options.report?.(campaign.line(kill))
  }
  await campaign.end()
  return campaign.summary
}

class Campaign {
  readonly #ending: Ending
  readonly #options: CampaignOptions
  readonly #roll: Dice
  readonly #ledger = new Ledger()
  readonly #lost: string[] = []
  readonly #violations: string[] = []
  readonly #kills = { loaded: 0, starting: 0 }
  #unanswered = 0
  #landed = 0
  #number = 0

  constructor(ending: Ending, options: CampaignOptions) {
    this.#ending = ending
    this.#options = options
    this.#roll = createDice(options.seed)
  }

  get summary(): Summary {
    return {
      kills: this.#kills,
      acknowledged: this.#ledger.acknowledged,
      unanswered: this.#unanswered,
      landed: this.#landed,
      lost: this.#lost,
      violations: this.#violations,
    }
  }

  line(kill: number): string {
    const { acknowledged, lost, violations } = this.summary
    return `kill ${kill}: ${acknowledged} acknowledged, ${lost.length} lost, ${violations.length} violations`
  }

  /** The first server is killed while it makes its database, and one in eight while it starts. */
  async kill(kill: number): Promise<void> {
    if (kill === 1 || this.#roll(8) === 0) await this.#killStarting()
    else await this.#killLoaded()
  }

  async #killStarting(): Promise<void> {
    this.#kills.starting += 1
    const { child, serving, ended } = this.#launch()
    await Promise.race([Promise.allSettled([serving]), delay(this.#roll(LONGEST_START_MS))])
    child.kill('SIGKILL')
    const { code, stderr } = await ended
    if (code !== 'SIGKILL') this.#violations.push(`a start failed with ${code}: ${stderr}`)
  }

  async #killLoaded(): Promise<void> {
    this.#kills.loaded += 1
    const { client, serving } = await this.#startChecked()
    let isKilled = false
    const target = {
      client,
      isKilled: () => isKilled,
      object: (violation: string) => void this.#violations.push(violation),
    }
    const ledger = this.#ledger
    if (ledger.get(SHARED) === undefined)
      await sendOne(createScript(SHARED, this.#next()), { ledger }, target)
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      write(
        {
          name: `w${index}`,
          ledger,
          roll: createDice(this.#roll(2 ** 31)),
          next: () => this.#next(),
        },
        target,
      ),
    )
    await delay(this.#roll(LONGEST_LOAD_MS))
    isKilled = true
    await Promise.all([serving.stop('SIGKILL'), ...writers])
  }

  /** Checks once more, stops the server, and finds nothing left of what was deleted. */
  async end(): Promise<void> {
    const { serving } = await this.#startChecked()
    if (!this.#isMemory) this.#violations.push(...(await inspectOrphans(this.#options.data)))
    const { code, stderr } = await serving.stop()
    if (code !== 0) this.#violations.push(`the last server ended with ${code}: ${stderr}`)
  }

  async #startChecked(): Promise<{ readonly client: Client; readonly serving: Serving }> {
    const serving = await this.#launch().serving
    const client = await connect(serving.ready)
    const { found, violations } = await readAll(client)
    const verdict = this.#ledger.settle(found)
    this.#unanswered += verdict.unanswered
    this.#landed += verdict.landed
    this.#lost.push(...verdict.lost)
    this.#violations.push(...violations, ...verdict.violations)
    if (!this.#isMemory) this.#violations.push(...inspectFile(this.#options.data))
    return { client, serving }
  }

  get #isMemory(): boolean {
    return this.#options.flags?.includes('--memory') === true
  }

  #launch(): ReturnType<typeof launch> {
    const { data, flags = [], environment = {} } = this.#options
    const launched = launch(this.#ending, ['--data', data, ...flags], { environment })
    launched.serving.catch(() => undefined) // awaited by those who do not kill it first
    return launched
  }

  #next(): number {
    this.#number += 1
    return this.#number
  }
}
