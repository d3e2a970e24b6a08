import type { RequestRecord, Stages } from '#service/service.ts'

/** What is written of a request once it is answered. Never a header, a body or a token. */
export interface RequestLine {
  readonly id: string
  readonly method: string
  /** The target without its query. */
  readonly path: string
  readonly status: number
  readonly milliseconds: number
  /** What happened in it, where it came that far. */
  readonly record?: RequestRecord | undefined
  /** What went wrong inside, where something did. */
  readonly error?: unknown
}

/**
 * The line as JSON. Nothing else is written as often: each member is put to the text before it, which
 * takes half the time of an object of all of them.
 *
 * @param level how grave it is. @param time ISO 8601.
 */
export function formatRequest(line: RequestLine, level: number, time: string): string {
  const { id, method, path, status, milliseconds, record, error } = line
  const did = record === undefined ? '' : formatRecord(record)
  const batch = record?.batch === undefined ? '' : `,"batch":"${record.batch}"`
  const what = `"id":"${id}"${batch},"method":${quote(method)},"path":${quote(path)}`
  const wrong = error === undefined ? '' : `,"error":${JSON.stringify(describe(error))}`
  return `{"level":${level},"time":"${time}"${did},${what},"status":${status},"milliseconds":${milliseconds}${wrong},"msg":"request"}`
}

function formatRecord({
  operation,
  principal,
  tenant,
  permission,
  denied,
  rowsWritten,
  stages,
}: RequestRecord) {
  let text = ''
  if (operation !== undefined) text += `,"operation":${quote(operation)}`
  if (principal !== undefined) text += `,"principal":${quote(principal)}`
  if (tenant !== undefined) text += `,"tenant":${quote(tenant)}`
  if (permission !== undefined) text += `,"permission":${quote(permission)}`
  if (denied !== undefined) text += `,"denied":${quote(denied)}`
  return `${text},"rowsWritten":${rowsWritten},"stages":${formatStages(stages)}`
}

function formatStages(stages: Stages): string {
  let text = ''
  let name: keyof Stages
  for (name in stages) text += `${text === '' ? '' : ','}"${name}":${stages[name]}`
  return `{${text}}`
}

/** Characters that stand for themselves between quotes: ASCII without the quote, the backslash and what is no print. */
const PLAIN = /^[ !#-[\]-~]*$/

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** What is known of something thrown, and of what caused it. */
function describe(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  const { name, message, stack, cause } = thrown
  const code = 'code' in thrown ? { code: String(thrown.code) } : {}
  return { type: name, message, ...code, stack, ...(cause === undefined ? {} : { cause: describe(cause) }) }
}
