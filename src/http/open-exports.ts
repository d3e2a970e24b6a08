import { limits, newGuid } from '#base/base.ts'
import { ODataError } from '#odata/odata.ts'

interface OpenExport {
  readonly lines: AsyncGenerator<string>
  /** Ends it where nobody asks for more. */
  readonly timer: NodeJS.Timeout
}

/** The exports under way: whoever asks takes them piece by piece, at its own pace, and all pieces are of one moment. */
export class OpenExports implements AsyncDisposable {
  readonly #open = new Map<string, OpenExport>()

  /** Gives the id by which the pieces are asked for. */
  open(lines: AsyncGenerator<string>): string {
    const id = newGuid()
    const timer = setTimeout(() => void this.#end(id), limits.exportIdleMs)
    timer.unref()
    this.#open.set(id, { lines, timer })
    return id
  }

  /**
   * The next piece; the last has no text.
   *
   * @throws ODataError `ResourceNotFound` for one that is not under way, or for which nobody asked for too long.
   */
  async next(id: string): Promise<{ readonly text?: string }> {
    const known = this.#open.get(id)
    if (known === undefined)
      throw new ODataError('ResourceNotFound', 'This export is not under way: begin it again.')
    known.timer.refresh()
    let text = ''
    while (text.length < limits.exportPieceCharacters) {
      const { value, done } = await known.lines.next()
      if (done === true) break
      text += value
    }
    if (text !== '') return { text }
    await this.#end(id)
    return {}
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.#end(id)))
  }

  async #end(id: string): Promise<void> {
    const known = this.#open.get(id)
    if (known === undefined) return
    this.#open.delete(id)
    clearTimeout(known.timer)
    await known.lines.return(undefined)
  }
}
