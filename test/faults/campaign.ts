/** Loads a server, kills it or its database, and checks what there is, again and again on the same database. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Ending, launch, type Serving } from '../support/command-line.ts'
import { createDice, type Dice } from '../support/dice.ts'
import { outcomeOf, type Phase } from './answers.ts'
import { readAll } from './check.ts'
import { type Client, connect } from './client.ts'
import { Ledger } from './ledger.ts'
import { send, type Target, write } from './load.ts'
import { createScript, SCRIPTS, SHARED } from './orders.ts'
import type { Outage, Subject } from './subject.ts'

export interface CampaignOptions {
  readonly kills: number
  readonly seed: number
  readonly subject: Subject
  /** Told of each kill. */
  readonly report?: (line: string) => void
}

/** What a campaign found. */
export interface Summary {
  /** By what was killed: a `server` under load, one `starting`, or an outage of the subject's. */
  readonly kills: Readonly<Record<string, number>>
  readonly acknowledged: number
  /** Requests, or parts of batches, of which nobody was told whether they were done. */
  readonly unknown: number
  /** Those of them that were done. */
  readonly landed: number
  /** Requests, or parts of batches, that were refused while the database was away. */
  readonly refused: number
  readonly lost: readonly string[]
  readonly violations: readonly string[]
}

const WRITERS = 8
const LONGEST_LOAD_MS = 500
const LONGEST_START_MS = 600
const RECOVERY_MS = 20_000

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

interface Running {
  readonly client: Client
  readonly serving: Serving
}

class Campaign {
  readonly #ending: Ending
  readonly #options: CampaignOptions
  readonly #roll: Dice
  readonly #ledger = new Ledger()
  readonly #lost: string[] = []
  readonly #violations: string[] = []
  readonly #kills: Record<string, number> = {}
  #running: Running | undefined
  #turn = 0
  #unknown = 0
  #landed = 0
  #refused = 0
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
      unknown: this.#unknown,
      landed: this.#landed,
      refused: this.#refused,
      lost: this.#lost,
      violations: this.#violations,
    }
  }

  line(kill: number): string {
    const { acknowledged, lost, violations } = this.summary
    return `kill ${kill}: ${acknowledged} acknowledged, ${lost.length} lost, ${violations.length} violations`
  }

  /** The first server is killed while it makes its database, and one in eight while it starts; else each in turn. */
  async kill(kill: number): Promise<void> {
    if (kill === 1 || this.#roll(8) === 0) return await this.#killStarting()
    const outage = [undefined, ...this.#options.subject.outages][this.#turn]
    this.#turn = (this.#turn + 1) % (1 + this.#options.subject.outages.length)
    await (outage === undefined ? this.#killLoaded() : this.#killDatabase(outage))
  }

  async #killStarting(): Promise<void> {
    this.#count('starting')
    await this.#stop()
    const { child, serving, ended } = this.#launch()
    await Promise.race([Promise.allSettled([serving]), delay(this.#roll(LONGEST_START_MS))])
    child.kill('SIGKILL')
    const { code, stderr } = await ended
    if (code !== 'SIGKILL') this.#violations.push(`a start failed with ${code}: ${stderr}`)
  }

  async #killLoaded(): Promise<void> {
    this.#count('server')
    const running = await this.#checked()
    const load = await this.#load(running.client)
    await delay(this.#roll(LONGEST_LOAD_MS))
    load.phase = 'killed'
    this.#running = undefined
    await running.serving.stop('SIGKILL')
    await load.end()
  }

  /** The server goes on: it refuses what it cannot do, and serves again by itself when the database is back. */
  async #killDatabase(outage: Outage): Promise<void> {
    this.#count(outage.name)
    const { client } = await this.#checked()
    const load = await this.#load(client)
    await delay(this.#roll(LONGEST_LOAD_MS))
    load.phase = 'disturbed'
    await outage.begin()
    if (outage.isTotal && !(await this.#isRefused(client)))
      this.#violations.push(`something is served without the ${outage.name}`)
    await outage.end()
    const endsAt = performance.now() + RECOVERY_MS
    while (await this.#isRefused(client)) {
      assert(performance.now() < endsAt, `the server is lost without the ${outage.name} that was killed`)
      await delay(10)
    }
    await delay(this.#roll(LONGEST_LOAD_MS))
    await load.end()
  }

  /** Whether a lookup is refused as it should be without a database; else it must be served. */
  async #isRefused(client: Client): Promise<boolean> {
    const answer = await client('GET', `${SCRIPTS}?$top=1`)
    const outcome = outcomeOf(answer, 'disturbed')
    if (outcome !== 'refused' && outcome !== 'done')
      this.#violations.push(`a list was answered with ${answer.status} ${JSON.stringify(answer.body)}`)
    return outcome === 'refused'
  }

  /** Checks once more with a new server, stops it, and finds nothing left of what was deleted. */
  async end(): Promise<void> {
    await this.#stop()
    await this.#checked()
    this.#violations.push(...(await this.#options.subject.inspectOrphans()))
    await this.#stop()
  }

  /** A server whose rows were compared with what it acknowledged, and those before it. */
  async #checked(): Promise<Running> {
    const running = this.#running ?? (await this.#start())
    this.#running = running
    const { found, violations } = await readAll(running.client)
    const verdict = this.#ledger.settle(found)
    this.#unknown += verdict.unknown
    this.#landed += verdict.landed
    this.#lost.push(...verdict.lost)
    this.#violations.push(...violations, ...verdict.violations, ...this.#options.subject.inspect())
    return running
  }

  /** Has writers begin. */
  async #load(client: Client): Promise<{ phase: Phase; end(): Promise<void> }> {
    const load: { phase: Phase; end(): Promise<void> } = {
      phase: 'served',
      end: async () => {
        isOver = true
        await Promise.all(writers)
      },
    }
    let isOver = false
    const target: Target = {
      client,
      phase: () => load.phase,
      isOver: () => isOver || load.phase === 'killed',
      object: (violation) => void this.#violations.push(violation),
      tell: (outcome) => {
        if (outcome === 'refused') this.#refused += 1
      },
    }
    const ledger = this.#ledger
    const next = (): number => this.#next()
    if (ledger.get(SHARED) === undefined) await send([createScript(SHARED, next())], { ledger }, target)
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      write({ name: `w${index}`, ledger, roll: createDice(this.#roll(2 ** 31)), next }, target),
    )
    return load
  }

  async #start(): Promise<Running> {
    await this.#options.subject.quiet()
    const serving = await this.#launch().serving
    return { client: await connect(serving.ready), serving }
  }

  async #stop(): Promise<void> {
    if (this.#running === undefined) return
    const { code, stderr } = await this.#running.serving.stop()
    this.#running = undefined
    if (code !== 0) this.#violations.push(`a server that was stopped ended with ${code}: ${stderr}`)
  }

  #launch(): ReturnType<typeof launch> {
    const { flags, environment = {} } = this.#options.subject
    const launched = launch(this.#ending, flags, { environment })
    launched.serving.catch(() => undefined) // awaited by those who do not kill it first
    return launched
  }

  #count(kind: string): void {
    this.#kills[kind] = (this.#kills[kind] ?? 0) + 1
  }

  #next(): number {
    this.#number += 1
    return this.#number
  }
}
