import { limits, newGuid } from '#base/base.ts'
import type { Model } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { copySomeOf, noMark, putMark, query, removeMark, type Storage, takeCopy } from '#storage/storage.ts'
import type { Directory, Tenant } from './directory.ts'

/** A state of a tenant to which it can be reset. */
export interface Mark {
  readonly name: string
  /** The id of the tenant. */
  readonly tenant: string
}

/** A mark by its name; of the server's own tenant, where none is named by its id or domain. */
export type MarkName = Pick<Mark, 'name'> & Partial<Mark>

/** What marks are kept with. */
export interface MarksOptions {
  readonly model: Model
  readonly storage: Storage
  readonly directory: Directory
}

/** The marks of a database. They outlive the process; settings of a tenant are no part of them. */
export class Marks {
  readonly #options: MarksOptions

  constructor(options: MarksOptions) {
    this.#options = options
  }

  /**
   * Marks all that a tenant has at this moment, under a name that no other mark of the tenant has then. Writes of every
   * tenant wait for it on the embedded database.
   *
   * @throws ODataError `BadRequest` where the name is none.
   */
  async put({ tid }: Tenant, name: string = newGuid()): Promise<Mark> {
    const { model, storage } = this.#options
    const reference = { tid, name: parseName(name) }
    await storage.transact(() => putMark(model, reference))
    void storage.copyMarks()
    void storage.purge()
    return { name, tenant: tid }
  }

  /** Every mark, by tenant and name. */
  async list(): Promise<readonly Mark[]> {
    const rows = await this.#options.storage.read(query`SELECT tid, name FROM mark ORDER BY tid, name`)
    return rows.map(({ tid, name }) => ({ name: String(name), tenant: String(tid) }))
  }

  /** Forgets a mark. @throws ODataError `BadRequest` where the tenant has none of this name. */
  async remove({ tid }: Tenant, name: string): Promise<void> {
    const { storage } = this.#options
    if (!(await storage.transact(() => removeMark({ tid, name })))) throw noMark(name)
    void storage.purge()
  }

  /**
   * Has a tenant be as it was when it was marked: in one small transaction where a copy of the mark stands ready; else
   * the copy is made first. What the tenant had is purged in the background.
   *
   * @throws ODataError `BadRequest` where the tenant has no such mark.
   */
  async reset(tenant: Tenant, name: string): Promise<Tenant> {
    const { model, storage, directory } = this.#options
    const reference = { tid: tenant.tid, name }
    for (;;) {
      const reset = await directory.resetTenant(tenant, () => takeCopy(reference))
      if (reset !== undefined) {
        void storage.copyMarks()
        return reset
      }
      while (await storage.transact(() => copySomeOf(model, reference)));
    }
  }
}

function parseName(name: string): string {
  if (name.length <= limits.markCharacters && /^[\w.-]+$/.test(name)) return name
  throw new ODataError(
    'BadRequest',
    `The name of a mark is at most ${limits.markCharacters} letters, digits, '-', '_' and '.', not '${name.slice(0, 100)}'.`,
  )
}
