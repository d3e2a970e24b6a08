/**
 * Reads comma-separated values (RFC 4180): the names of members first, then a row an entity.
 *
 *     file   = header { end row } [ end ]
 *     row    = cell { "," cell }
 *     cell   = '"' { any but '"' | '""' } '"' | { any but '"', ",", end }
 *     end    = "\n" | "\r\n"
 *
 * An empty cell says nothing; `""` is the empty text.
 */
import { limits } from '#base/base.ts'
import { type FileRecord, tooLong } from './lines.ts'

/** A row as JSON: an object of texts. @throws Error for a header that is none, and for a quote that does not end. */
export async function* readCsv(texts: AsyncIterable<string>): AsyncGenerator<readonly FileRecord[]> {
  const scanner = new CsvScanner()
  let header: readonly string[] | undefined
  const take = (rows: readonly Row[]): readonly FileRecord[] => {
    const [first, ...others] = rows
    if (header !== undefined) return rows.map((row) => recordOf(row, header ?? []))
    if (first === undefined) return []
    header = headerOf(first)
    return others.map((row) => recordOf(row, header ?? []))
  }
  for await (const text of texts) yield take(scanner.scan(text))
  yield take(scanner.end())
}

/** A cell without quotes that is empty says nothing. */
type Cell = string | undefined

interface Row {
  /** The line that it begins in. */
  readonly line: number
  readonly cells: readonly Cell[]
  /** What is wrong with its quotes. */
  readonly fault: string | undefined
}

function headerOf({ cells, fault }: Row): readonly string[] {
  const names = cells.map((cell) => cell ?? '')
  if (fault !== undefined) throw new Error(`The header of the file cannot be read: ${fault}`)
  if (names.includes('')) throw new Error('The header of the file has a column without a name.')
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`The header of the file has the column '${twice}' twice.`)
  return names
}

function recordOf({ line, cells, fault }: Row, header: readonly string[]): FileRecord {
  if (fault !== undefined) return { line, message: fault }
  if (cells.length !== header.length) {
    return { line, message: `The row has ${cells.length} cells, and the header ${header.length}.` }
  }
  const members = header.flatMap((name, i) => (cells[i] === undefined ? [] : [[name, cells[i]] as const]))
  return { line, text: JSON.stringify(Object.fromEntries(members)) }
}

const MARKS = /[",\n]/g

/** Takes a file apart, wherever its pieces end. */
class CsvScanner {
  #text = ''
  /** The line of the text's beginning. */
  #line = 1

  /** The rows that are whole. */
  scan(text: string): readonly Row[] {
    this.#text += text
    const rows: Row[] = []
    let from = 0
    for (;;) {
      const end = endOfRow(this.#text, from)
      if (end === undefined) break
      this.#add(rows, this.#text.slice(from, end))
      from = end + 1
    }
    this.#text = this.#text.slice(from)
    if (this.#text.length > limits.importLineBytes) throw tooLong(this.#line)
    return rows
  }

  /** The last row, where no line end is after it. */
  end(): readonly Row[] {
    const rows: Row[] = []
    if (isInQuotes(this.#text)) throw new Error(`A quote in the row at line ${this.#line} does not end.`)
    this.#add(rows, this.#text)
    return rows
  }

  #add(rows: Row[], text: string): void {
    const line = this.#line
    this.#line += text.split('\n').length
    const row = text.endsWith('\r') ? text.slice(0, -1) : text
    if (row !== '') rows.push({ line, ...cellsOf(row) })
  }
}

/** Where the line ends that is not in quotes; undefined where it is still to come. */
function endOfRow(text: string, from: number): number | undefined {
  let isQuoted = false
  MARKS.lastIndex = from
  for (let mark = MARKS.exec(text); mark !== null; mark = MARKS.exec(text)) {
    if (mark[0] === '"') isQuoted = !isQuoted
    else if (mark[0] === '\n' && !isQuoted) return mark.index
  }
  return undefined
}

function isInQuotes(text: string): boolean {
  return (text.split('"').length - 1) % 2 === 1
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y

function cellsOf(row: string): Pick<Row, 'cells' | 'fault'> {
  const cells: Cell[] = []
  CELL.lastIndex = 0
  for (;;) {
    const [, quoted, plain = '', end] = CELL.exec(row) ?? []
    if (end === undefined)
      return { cells, fault: `Cell ${cells.length + 1} has a quote that does not enclose it whole.` }
    cells.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? undefined : plain))
    if (end === '') return { cells, fault: undefined }
  }
}
