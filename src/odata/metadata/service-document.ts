import type { Version } from '#model/model.ts'

/** The service document of a version (OData JSON 4.0 §5): where a client finds what there is. */
export function serviceDocument(
  origin: string,
  { name: version, singletons }: Version,
): Readonly<Record<string, unknown>> {
  const value = [...singletons.values()].map(({ name }) => ({ name, kind: 'Singleton', url: name }))
  return { '@odata.context': `${origin}/${version}/$metadata`, value }
}
