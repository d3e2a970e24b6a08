/**
 * What servers were asked and answered, written so that two runs of the same tests can be compared byte for byte. Ids, times
 * of the run, ports and tokens are numbered by their first appearance at a server: a wrong one is another number. Exchanges that
 * were under way together stand in the order of their texts, for none came first.
 */

/** A request to a server of a test, and its answer. */
export interface Exchange {
  readonly test: string
  /** Which of the servers of the test file. */
  readonly server: number
  readonly request: string
  readonly answer: string
  /** When it began and ended: one of the moments that are counted through the whole run. */
  readonly begins: number
  readonly ends: number
}

/** The time of a run, in milliseconds since 1970: what lies in it is no time that a test gave. */
export interface Span {
  readonly since: number
  readonly until: number
}

/** A place in which two recordings differ: what stands there in each, undefined where it ended before. */
export interface Difference {
  readonly line: number
  readonly texts: readonly [string | undefined, string | undefined]
}

/** What no two runs have in common, by its kind. An error is dated by the second: its date is only told to be of the run. */
const VARYING = new RegExp(
  [
    String.raw`(?<jwt>\beyJ[\w-]+\.[\w-]+\.[\w-]+)`,
    String.raw`(?<guid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)`,
    String.raw`(?<port>(?<=\blocalhost:)\d+)`,
    String.raw`(?<token>(?<=skiptoken=)[\w-]+)`,
    String.raw`(?<date>(?<="date":")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)`,
    String.raw`(?<time>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z)`,
  ].join('|'),
  'gi',
)

/** Writes a line of JSON for each exchange: the test, the request, the answer. */
export function formatExchanges(exchanges: readonly Exchange[], span: Span): string {
  const known = new Map<number, Map<string, string>>()
  const lines = ordered(exchanges, span).map(({ test, server, request, answer }) => {
    const names = known.get(server) ?? new Map<string, string>()
    known.set(server, names)
    const nameOf = (kind: string, text: string): string => {
      const name = names.get(text.toLowerCase()) ?? `${kind}-${names.size}`
      names.set(text.toLowerCase(), name)
      return name
    }
    return JSON.stringify([test, replace(request, span, nameOf), replace(answer, span, nameOf)])
  })
  return lines.map((line) => `${line}\n`).join('')
}

/** Every line that is not the same in both. */
export function compareRecordings(one: string, other: string): readonly Difference[] {
  const [ones, others] = [one.split('\n'), other.split('\n')]
  const numbers = Array.from({ length: Math.max(ones.length, others.length) }, (_, i) => i)
  return numbers
    .filter((i) => ones[i] !== others[i])
    .map((i) => ({ line: i + 1, texts: [ones[i], others[i]] }))
}

function ordered(exchanges: readonly Exchange[], span: Span): readonly Exchange[] {
  const groups: Exchange[][] = []
  let end = Number.NEGATIVE_INFINITY
  for (const exchange of exchanges.toSorted((a, b) => a.begins - b.begins)) {
    if (exchange.begins > end) groups.push([])
    groups.at(-1)?.push(exchange)
    end = Math.max(end, exchange.ends)
  }
  return groups.flatMap((group) => (group.length === 1 ? group : sorted(group, span)))
}

function sorted(group: readonly Exchange[], span: Span): readonly Exchange[] {
  const texts = new Map(
    group.map((each) => [each, replace(`${each.request}\n${each.answer}`, span, (kind) => kind)]),
  )
  const textOf = (exchange: Exchange): string => texts.get(exchange) ?? ''
  return group.toSorted((a, b) => Number(textOf(a) > textOf(b)) - Number(textOf(a) < textOf(b)))
}

function replace(
  text: string,
  { since, until }: Span,
  nameOf: (kind: string, text: string) => string,
): string {
  const isOfRun = (time: string): boolean => {
    const at = Date.parse(time.endsWith('Z') ? time : `${time}Z`)
    // Some are cut to the second.
    return at >= since - 1000 && at <= until
  }
  return text.replaceAll(VARYING, (found: string, ...rest: unknown[]) => {
    const groups = Object.entries(Object(rest.at(-1)))
    const kind = groups.find(([, value]) => value !== undefined)?.[0] ?? ''
    if ((kind === 'date' || kind === 'time') && !isOfRun(found)) return found
    return kind === 'date' ? 'date' : nameOf(kind, found)
  })
}
