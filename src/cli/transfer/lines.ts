/** Reads a file of lines or of comma-separated values, a piece at a time. */
import { limits } from '#base/base.ts'

/** A line, or what it holds as JSON; or why it is none. */
export type FileRecord =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly message: string }

/** Decodes as it comes. @throws Error where the bytes are not UTF-8. */
export async function* decodeChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    throw cause instanceof TypeError ? new Error('The file is not UTF-8: save it as such.', { cause }) : cause
  }
}

/** The lines that are not blank, those of each piece of text at once. @throws Error where one is too long. */
export async function* readLines(texts: AsyncIterable<string>): AsyncGenerator<readonly FileRecord[]> {
  let rest = ''
  let line = 1
  for await (const text of texts) {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > limits.importLineBytes) throw tooLong(line + parts.length)
    yield recordsOf(parts, line)
    line += parts.length
  }
  yield recordsOf([rest], line)
}

function recordsOf(parts: readonly string[], first: number): readonly FileRecord[] {
  return parts.flatMap((text, i) => (text.trim() === '' ? [] : [{ line: first + i, text }]))
}

/** What holds up the reading: memory is for a line, not for a file without ends. */
export function tooLong(line: number): Error {
  return new Error(`Line ${line} is longer than ${limits.importLineBytes} characters.`)
}
