/** Clients of several servers, of which any may go at any time. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { groupOf } from '../faults/check.ts'
import { type Answer, type Client, list, type Members } from '../faults/client.ts'
import { formatOf } from '../faults/orders.ts'
import type { Dice } from '../support/dice.ts'

const LAST_TRY = 200
const PAUSE_MS = 10

/** Asks the next server where one does not answer, or says that it cannot serve: of what may be done twice alone. */
export class Failover {
  /** Whom to ask. */
  clients: readonly Client[]
  #turn = 0
  #repeated = 0

  constructor(clients: readonly Client[]) {
    this.clients = clients
  }

  /** Requests that had to be sent again. */
  get repeated(): number {
    return this.#repeated
  }

  /** What came at last, and whether it was sent more than once. */
  async ask(...request: Parameters<Client>): Promise<Answer & { readonly isRepeated: boolean }> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#askNext(request)
      if (answer !== undefined && answer.status !== 503) return { ...answer, isRepeated: tries > 0 }
      assert(tries < LAST_TRY, `nobody answers ${request[0]} ${request[1]}`)
      if (tries === 0) this.#repeated += 1
      await delay(PAUSE_MS)
    }
  }

  async #askNext(request: Parameters<Client>): Promise<Answer | undefined> {
    const client = this.clients[this.#turn % this.clients.length]
    this.#turn += 1
    try {
      return await client?.(...request)
    } catch (error) {
      if (error instanceof TypeError) return undefined // what fetch throws where there is no whole answer
      throw error
    }
  }
}

/** What one of the clients writes to, and nobody else. */
export interface Owned {
  /** Paths. */
  readonly script: string
  readonly user: string
  /** The id of a managed device that has no state here yet. */
  readonly device: string
}

/** Writes to what is its own, and knows what must be there. */
export class Owner {
  readonly #failover: Failover
  readonly #owned: Owned
  #user = 0
  #device: number | undefined
  #groups: readonly string[] = []
  #acknowledged = 0

  constructor(failover: Failover, owned: Owned) {
    this.#failover = failover
    this.#owned = owned
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  /** One request, each of which may be done twice; whatever else than success comes is an error. */
  async write(roll: Dice): Promise<void> {
    const value = this.#acknowledged
    const writes = [() => this.#patch(value), () => this.#assign(), () => this.#turnDevice(value)]
    await writes[roll(writes.length)]?.()
    this.#acknowledged += 1
    assert.equal(await this.#userOn(this.#ask), this.#user)
  }

  /** Whether a server has all that was acknowledged. */
  async assertThere(client: Client): Promise<void> {
    const { script } = this.#owned
    assert.equal(await this.#userOn(client), this.#user)
    const groups = (await list(client, `${script}/assignments`)).map(groupOf)
    assert.equal(formatOf.assigned(groups), formatOf.assigned(this.#groups))
    const codes = (await list(client, `${script}/deviceRunStates`)).map(({ errorCode }) => errorCode)
    assert.deepEqual(codes, this.#device === undefined ? [] : [this.#device])
  }

  readonly #ask: Client = (...request) => this.#failover.ask(...request)

  async #userOn(client: Client): Promise<unknown> {
    const { status, body } = await client('GET', this.#owned.user)
    assert.equal(status, 200)
    return body['successDeviceCount']
  }

  async #patch(successDeviceCount: number): Promise<void> {
    const { status } = await this.#ask('PATCH', this.#owned.user, { successDeviceCount })
    assert.equal(status, 200)
    this.#user = successDeviceCount
  }

  async #assign(): Promise<void> {
    const groups = Array.from({ length: 5 }, () => randomUUID())
    const deviceManagementScriptAssignments = groups.map((groupId) => ({
      target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId },
    }))
    const path = `${this.#owned.script}/assign`
    const { status } = await this.#ask('POST', path, { deviceManagementScriptAssignments })
    assert.equal(status, 204)
    this.#groups = groups
  }

  /** The state of a device has its id of its device: one that is there, or gone, was made or deleted by the first try. */
  async #turnDevice(errorCode: number): Promise<void> {
    const { script, device } = this.#owned
    const states = `${script}/deviceRunStates`
    if (this.#device === undefined) {
      const bind = `https://graph.microsoft.com/beta/deviceManagement/managedDevices('${device}')`
      const body: Members = { errorCode, runState: 'success', 'managedDevice@odata.bind': bind }
      const { status, isRepeated } = await this.#failover.ask('POST', states, body)
      assert(status === 201 || (status === 409 && isRepeated), `POST: ${status}`)
      this.#device = errorCode
    } else {
      const id = `${script.slice(script.lastIndexOf('/') + 1)}:${device}`
      const { status, isRepeated } = await this.#failover.ask('DELETE', `${states}/${id}`)
      assert(status === 204 || (status === 404 && isRepeated), `DELETE: ${status}`)
      this.#device = undefined
    }
  }
}
