import { ODataError } from '../errors.ts'

/** A place in the text of a query option. */
export interface Place {
  readonly text: string
  /** Counted from 0 in UTF-16 units. */
  readonly at: number
}

const EXCERPT = 100

/**
 * A refusal in the words of Microsoft's OData library, `<what> at position <at> in '<text>'.`, with the part
 * of a long text that is around the place.
 *
 * @param hint a sentence that tells what to write instead.
 */
export function syntaxError(what: string, { text, at }: Place, hint?: string): ODataError {
  const from = Math.max(0, Math.min(at - EXCERPT / 2, text.length - EXCERPT))
  const start = from === 0 ? '' : '…'
  const end = from + EXCERPT >= text.length ? '' : '…'
  const excerpt = `${start}${text.slice(from, from + EXCERPT)}${end}`
  const advice = hint === undefined ? '' : ` ${hint}`
  return new ODataError('BadRequest', `${what} at position ${at} in '${excerpt}'.${advice}`)
}

/** The refusal of a character that nothing begins with here. */
export function invalidCharacter({ text, at }: Place): ODataError {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return syntaxError(`Syntax error: character '${character}' is not valid`, { text, at })
}
