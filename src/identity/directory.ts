import assert from 'node:assert/strict'
import { type Clock, isGuid } from '#base/base.ts'
import { ODataError, type Row } from '#odata/odata.ts'
import { all, command, discardTenant, one, query, type Storage, type Transaction } from '#storage/storage.ts'
import { PERSONAL_TENANT } from './clouds.ts'

/** A tenant of this server. */
export interface Tenant {
  /** The number that leads its keys in the database. */
  readonly number: number
  readonly tid: string
  readonly domain: string | null
  /** Whether it has an Intune licence; without one, Graph refuses every call. */
  readonly licensed: boolean
}

/** How a tenant is to be. */
export interface TenantSettings {
  readonly tid: string
  readonly domain?: string | null
  readonly licensed?: boolean
}

/** How long what was read of the directory is believed without asking the database again. */
const FRESH_MS = 1000

/** Nobody's rows: personal accounts have a tenant of their own, and nothing in it. */
const personalTenant: Tenant = { number: 0, tid: PERSONAL_TENANT, domain: null, licensed: true }

/**
 * The tenants, read whole and kept. A revision in the database counts the changes; it is asked for at most once a
 * second, so another process's change is seen within that time, and one's own at once.
 */
export class Directory {
  readonly #storage: Storage
  readonly #clock: Clock
  #tenants: ReadonlyMap<string, Tenant> = new Map()
  #revision = 0
  /** The last question; absent where all are answered. */
  #asked: Promise<void> | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #isNext = false

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** The revision in force. Who comes while the database is asked waits for its answer. */
  async revision(): Promise<number> {
    const now = this.#clock.now()
    if (!this.#isNext && Math.abs(now - this.#askedAt) >= FRESH_MS) {
      this.#askedAt = now
      this.#isNext = true
      const ask = (): Promise<void> => this.#ask()
      this.#asked = this.#asked === undefined ? ask() : this.#asked.then(ask, ask)
    }
    if (this.#asked !== undefined) await this.#asked
    return this.#revision
  }

  /** The tenant with an id or a domain; undefined where there is none. */
  async tenant(name: string): Promise<Tenant | undefined> {
    await this.revision()
    const key = name.toLowerCase()
    return key === PERSONAL_TENANT ? personalTenant : this.#tenants.get(key)
  }

  /** The tenant with an id or a domain. @throws ODataError `BadRequest` where there is none. */
  async existingTenant(name: string): Promise<Tenant> {
    const tenant = await this.tenant(name)
    if (tenant !== undefined) return tenant
    throw new ODataError('BadRequest', `The tenant '${name.slice(0, 100)}' is not known here.`)
  }

  /** Every tenant, in the order of their creation. */
  async tenants(): Promise<readonly Tenant[]> {
    await this.revision()
    return [...new Set(this.#tenants.values())]
  }

  /**
   * Adds a tenant, or changes the settings that are given of one that is there.
   *
   * @throws ODataError `BadRequest` where the id is not a GUID, or is that of personal accounts, or where the domain is
   *   none; `Conflict` where another tenant has it.
   */
  async putTenant({ tid, domain, licensed }: TenantSettings): Promise<Tenant> {
    const id = tid.toLowerCase()
    if (!isGuid(id)) throw new ODataError('BadRequest', `The tenant id '${tid.slice(0, 100)}' is not a GUID.`)
    if (id === PERSONAL_TENANT) {
      throw new ODataError('BadRequest', 'The tenant of personal accounts is always there, and empty.')
    }
    const name = domain == null ? domain : parseDomain(domain)
    return await this.#change(function* () {
      if (typeof name === 'string') yield* refuseTaken(name, id)
      const before = yield* readTenant(id)
      const settings = {
        tid: id,
        domain: name === undefined ? (before?.domain ?? null) : name,
        licensed: licensed ?? before?.licensed ?? true,
      }
      return before === undefined ? yield* insertTenant(settings) : yield* updateTenant(settings)
    })
  }

  /**
   * Gives a tenant another number, one with nothing under it where no other is taken; what it had is purged in the
   * background.
   *
   * @param take gives the number of rows that are nobody's; where it gives none, nothing happens.
   */
  async resetTenant({ tid }: Tenant): Promise<Tenant>
  async resetTenant({ tid }: Tenant, take: () => Transaction<number | undefined>): Promise<Tenant | undefined>
  async resetTenant(
    { tid }: Tenant,
    take: () => Transaction<number | undefined> = addEmptyTenant,
  ): Promise<Tenant | undefined> {
    const tenant = await this.#change(function* () {
      const before = yield* readTenant(tid)
      assert(before, `the tenant ${tid} is not there`)
      const number = yield* take()
      if (number === undefined) return undefined
      yield* discardTenant(before.number)
      return yield* nameTenant(number, before)
    })
    void this.#storage.purge()
    return tenant
  }

  async #change<T>(body: () => Transaction<T>): Promise<T> {
    const result = await this.#storage.transact(function* () {
      yield* all(command`UPDATE directory SET revision = revision + 1`)
      return yield* body()
    })
    this.#askedAt = Number.NEGATIVE_INFINITY
    return result
  }

  /**
   * Asks the database, one question after another, so that an older answer never replaces a newer. Behind the one that is
   * asked at most one waits: a database that hangs gathers no queue.
   */
  async #ask(): Promise<void> {
    this.#isNext = false
    try {
      const [row] = await this.#storage.read(query`SELECT revision FROM directory`)
      if (Number(row?.['revision']) !== this.#revision) await this.#load(Number(row?.['revision']))
      if (!this.#isNext) this.#asked = undefined
    } catch (error) {
      this.#askedAt = Number.NEGATIVE_INFINITY
      throw error
    }
  }

  async #load(revision: number): Promise<void> {
    const rows = await this.#storage.read(
      query`SELECT number, tid, domain, licensed FROM tenant WHERE tid IS NOT NULL ORDER BY number`,
    )
    const tenants = new Map<string, Tenant>()
    for (const tenant of rows.map(tenantOf)) {
      tenants.set(tenant.tid, tenant)
      if (tenant.domain !== null) tenants.set(tenant.domain, tenant)
    }
    this.#tenants = tenants
    this.#revision = revision
  }
}

/** A domain in lower case. One has a dot, so it is never taken for the id of a tenant. */
function parseDomain(text: string): string {
  const domain = text.toLowerCase()
  if (domain.length <= 253 && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)) return domain
  throw new ODataError('BadRequest', `The domain '${text.slice(0, 100)}' is not a domain name.`)
}

function* refuseTaken(domain: string, tid: string): Transaction<void> {
  const other = yield* one(query`SELECT tid FROM tenant WHERE domain = ${domain} AND tid <> ${tid}`)
  if (other === undefined) return
  throw new ODataError('Conflict', `The domain '${domain}' belongs to the tenant '${other['tid']}'.`)
}

function* insertTenant(settings: Required<TenantSettings>): Transaction<Tenant> {
  return yield* nameTenant(yield* addEmptyTenant(), settings)
}

/** A tenant without a name. */
function* addEmptyTenant(): Transaction<number> {
  const row = yield* one(command`INSERT INTO tenant (licensed) VALUES (1) RETURNING number`)
  return Number(row?.['number'])
}

/** Makes a tenant of rows that are nobody's. */
function* nameTenant(
  number: number,
  { tid, domain, licensed }: Required<TenantSettings>,
): Transaction<Tenant> {
  return tenantOf(
    yield* one(command`UPDATE tenant SET tid = ${tid}, domain = ${domain}, licensed = ${Number(licensed)}
      WHERE number = ${number} RETURNING number, tid, domain, licensed`),
  )
}

function* updateTenant({ tid, domain, licensed }: Required<TenantSettings>): Transaction<Tenant> {
  return tenantOf(
    yield* one(command`UPDATE tenant SET domain = ${domain}, licensed = ${Number(licensed)} WHERE tid = ${tid}
      RETURNING number, tid, domain, licensed`),
  )
}

function* readTenant(tid: string): Transaction<Tenant | undefined> {
  const row = yield* one(query`SELECT number, tid, domain, licensed FROM tenant WHERE tid = ${tid}`)
  return row && tenantOf(row)
}

function tenantOf(row: Row | undefined): Tenant {
  assert(row, 'a statement on a tenant gives it back')
  return {
    number: Number(row['number']),
    tid: String(row['tid']),
    domain: row['domain'] == null ? null : String(row['domain']),
    licensed: Number(row['licensed']) === 1,
  }
}
