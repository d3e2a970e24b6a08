/**
 * The format of REST clients, as far as our examples use it:
 *
 *     file     = block *( "###" title block )
 *     block    = *( "#" comment / "# @name" name / "@" name "=" value / empty )  [ request ]
 *     request  = method url *( header ":" value ) [ empty body ]
 *     use      = "{{" name "}}" / "{{" request ".response.body.$." member "}}"
 */
import assert from 'node:assert/strict'

/** A request as the file has it: its variables are not filled in. */
export interface HttpRequest {
  readonly title: string
  /** By which later requests refer to its answer. */
  readonly name: string | undefined
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface HttpFile {
  readonly variables: ReadonlyMap<string, string>
  readonly requests: readonly HttpRequest[]
}

export function parseHttpFile(text: string): HttpFile {
  const blocks = text.split(/^###(?!#)/m)
  const variables = text.matchAll(/^@(\w+)\s*=\s*(.*?)\s*$/gm)
  return {
    variables: new Map([...variables].map(([, name = '', value = '']) => [name, value])),
    requests: blocks.slice(1).map(parseRequest),
  }
}

function parseRequest(block: string): HttpRequest {
  const [title = '', ...lines] = block.split('\n')
  const start = lines.findIndex((line) => /^[A-Z]+ /.test(line))
  assert(start >= 0, `${title.trim()} has no request`)
  const [, name] = /^# @name (\w+)$/m.exec(lines.slice(0, start).join('\n')) ?? []
  const [method = '', url = ''] = (lines[start] ?? '').trim().split(' ')
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.trim() === '')
  const headers = end < 0 ? rest : rest.slice(0, end)
  const body = end < 0 ? '' : rest.slice(end).join('\n').trim()
  return {
    title: title.trim(),
    name,
    method,
    url,
    headers: Object.fromEntries(headers.map(parseHeader)),
    body: body === '' ? undefined : body,
  }
}

function parseHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([\w-]+):\s*(.*?)\s*$/.exec(line) ?? []
  assert(name !== undefined && value !== undefined, `'${line}' is no header`)
  return [name, value]
}

/** Fills in variables, also those within their values, and members of answers by the names of their requests. */
export function fillIn(
  text: string,
  variables: ReadonlyMap<string, string>,
  answers: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): string {
  return text.replace(/\{\{([^}]*)\}\}/g, (use, reference: string) => {
    const [, request, member = ''] = /^(\w+)\.response\.body\.\$\.(\w+)$/.exec(reference) ?? []
    if (request === undefined) {
      const value = variables.get(reference)
      assert(value !== undefined, `${use} is not defined`)
      return fillIn(value, variables, answers)
    }
    const value = answers.get(request)?.[member]
    assert(typeof value === 'string', `${use} is not in an earlier answer`)
    return value
  })
}
