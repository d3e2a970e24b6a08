import type { Json } from './json.ts'

/** JSON text of a value, every number as it was written: what reads it again reads the same value. */
export function formatJson(json: Json): string {
  switch (json.kind) {
    case 'null':
      return 'null'
    case 'string':
      return JSON.stringify(json.text)
    case 'array':
      return `[${json.items.map(formatJson).join(',')}]`
    case 'object':
      return `{${[...json.members].map(([name, value]) => `${JSON.stringify(name)}:${formatJson(value)}`).join(',')}}`
    default:
      return json.text
  }
}
