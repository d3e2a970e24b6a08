/** An element of XML; an attribute that is undefined is left out. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | undefined>>
  readonly children: readonly XmlElement[]
}

/** Makes an element. */
export function element(
  name: string,
  attributes: XmlElement['attributes'],
  children: readonly XmlElement[] = [],
): XmlElement {
  return { name, attributes, children }
}

/** The text of a document, an element a line. */
export function formatXml(root: XmlElement): string {
  return ['<?xml version="1.0" encoding="utf-8"?>', ...linesOf(root, ''), ''].join('\n')
}

function* linesOf({ name, attributes, children }: XmlElement, indent: string): Iterable<string> {
  const given = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${escapeAttribute(value)}"`,
  )
  const start = `${indent}<${name}${given.join('')}`
  if (children.length === 0) {
    yield `${start} />`
    return
  }
  yield `${start}>`
  for (const child of children) yield* linesOf(child, `${indent}  `)
  yield `${indent}</${name}>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Line breaks too: a reader makes spaces of those that are written as they are (XML 1.0 §3.3.3). */
function escapeAttribute(value: string): string {
  return value.replace(/[&<>"\t\n\r]/g, (one) => ESCAPES[one] ?? `&#${one.charCodeAt(0)};`)
}
