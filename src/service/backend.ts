/** A request as the service behind Graph's gateway names it: recorded errors carry that form, and tools read it. */
import type { ResourcePath } from '#odata/odata.ts'

const PREFIX = '/DeviceFE/StatelessDeviceFEService'

/** The path with every key in parentheses, `/DeviceFE/…/deviceManagement/deviceShellScripts('id')/assignments`. */
export function backendPath(path: ResourcePath): string {
  const steps = path.parents.map(({ navigation, key }) => `${navigation.name}${keyText(key)}`)
  const last = `${path.navigation.name}${keyText('key' in path ? path.key : undefined)}`
  return [PREFIX, path.singleton.name, ...steps, last, ...endOf(path)].join('/')
}

/** The route of the path as a template, `~/singleton/navigation/key/navigation`. */
export function routeTemplate(path: ResourcePath): string {
  const steps = path.parents.map(() => 'navigation/key')
  const hasKey = 'key' in path && path.key !== undefined
  const end = path.kind === 'action' ? ['action'] : endOf(path)
  return ['~/singleton', ...steps, 'navigation', ...(hasKey ? ['key'] : []), ...end].join('/')
}

/** The API's version as the service behind knows it. */
const API_VERSION = '5025-05-19'

/** The query with the API's version first, and what the client sent after it, form-encoded; `$` stays as it is. */
export function backendQuery(query: string): string {
  const sent = [...new URLSearchParams(query)].map(([name, value]) => `${formText(name)}=${formText(value)}`)
  return [`api-version=${API_VERSION}`, ...sent].join('&')
}

function keyText(key: string | undefined): string {
  return key === undefined ? '' : `('${encodeURIComponent(key.replaceAll("'", "''"))}')`
}

function endOf(path: ResourcePath): readonly string[] {
  if (path.kind === 'count') return ['$count']
  return path.kind === 'action' ? [path.action.name] : []
}

/** As .NET writes form values: parentheses stay, quotes do not. */
function formText(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replaceAll('%24', '$')
    .replaceAll("'", '%27')
}
