/** Reads the lines of an import: each is an entity as Graph shows it, and says where it belongs or leaves that to all. */
import { limits, quirksOf } from '#base/base.ts'
import { KEY, type Model } from '#model/model.ts'
import {
  type Changes,
  type Json,
  ODataError,
  parseJsonText,
  parsePath,
  type ResourcePath,
  readEntity,
} from '#odata/odata.ts'

/** How lines are to be read. */
export interface LineReading {
  readonly model: Model
  /** The collection of the lines that have no `@odata.id`. */
  readonly to?: string | undefined
  /** Values are the texts of a spreadsheet's cells: what is no scalar is JSON in one. */
  readonly isCells?: boolean | undefined
  /** Passes over members that the type does not have. */
  readonly ignoresUnknown?: boolean | undefined
}

/** Where entities are: a collection, or what is single below its parent. */
export type Place = Extract<ResourcePath, { readonly kind: 'collection' | 'single' }>

/** An entity of a line. Lines of one batch in the same place share its object. */
export interface ImportRow {
  readonly place: Place
  /** With the key, where the line gives it. */
  readonly members: Changes
}

/** The control information that names an entity (OData JSON Format 4.01 §4.5.8). */
const ADDRESS = '@odata.id'

/** Imports take what any server may have stored, whatever profile it serves. */
const quirks = quirksOf('documented')

/** Makes a reader of lines, which remembers the places that it met. */
export function createLineReader(reading: LineReading): (line: string) => ImportRow {
  const { model, to, ignoresUnknown = false } = reading
  const places = new Places(model)
  const common = to === undefined ? undefined : places.collection(to)
  if (to !== undefined && common === undefined) throw refusal(`'${to.slice(0, 200)}' is no collection.`)
  return (line) => {
    const json = parseJsonText(line)
    const { place, key } = placeOf(json, places, common)
    const type = place.navigation.target
    const values = reading.isCells === true ? openCells(json, place) : json
    const members = readEntity(values, { model, type, operation: 'restore', quirks, ignoresUnknown })
    return { place, members: withKey(members, key) }
  }
}

function placeOf(
  json: Json,
  places: Places,
  common: Place | undefined,
): { readonly place: Place; readonly key?: string | undefined } {
  const address = json.kind === 'object' ? json.members.get(ADDRESS) : undefined
  if (address?.kind === 'string' && address.text !== '') return places.entity(address.text)
  if (address !== undefined && address.kind !== 'null' && address.kind !== 'string')
    throw refusal(`${ADDRESS} is the URL of the entity, a text.`)
  if (common !== undefined) return { place: common }
  throw refusal(`It does not say where it belongs: give it ${ADDRESS}, or all lines a collection with --to.`)
}

/** An address that names another entity than the line has is a mistake in one of them. */
function withKey(members: Changes, key: string | undefined): Changes {
  const given = members[KEY] ?? key
  if (given === undefined) return members
  if (typeof given !== 'string' || given === '' || given.length > limits.idCharacters || given.includes('\0'))
    throw refusal(`An id has 1 to ${limits.idCharacters} characters.`)
  if (key !== undefined && key !== given) {
    throw refusal(
      `Its ${KEY} is '${given.slice(0, 100)}', and its ${ADDRESS} ends in '${key.slice(0, 100)}'.`,
    )
  }
  return { ...members, [KEY]: given }
}

/** In cells, collections and complex values are written as JSON. */
function openCells(json: Json, { navigation: { target } }: Place): Json {
  if (json.kind !== 'object') return json
  const members = new Map<string, Json>()
  for (const [name, cell] of json.members) {
    const property = target.propertyNamed.get(name)
    const isScalar = property === undefined || (property.kind === 'primitive' && !property.collection)
    members.set(name, isScalar || cell.kind !== 'string' ? cell : parseJsonText(cell.text))
  }
  return { kind: 'object', members }
}

const QUOTED_KEY = /^(.+)\('((?:[^']|'')+)'\)$/s
/** A key comes after a navigation, and that after version and singleton. */
const KEY_SEGMENT = /^(\/[^/]+\/[^/]+\/.+)\/([^/()$]+)$/s

/** The places of a model, each read once. */
class Places {
  readonly #model: Model
  readonly #known = new Map<string, Place | undefined>()

  constructor(model: Model) {
    this.#model = model
  }

  /** The place of the entity that a URL names, and its key; what is single has its parent's. */
  entity(url: string): { readonly place: Place; readonly key?: string } {
    const path = this.#pathOf(url)
    const [, above = '', key = ''] = QUOTED_KEY.exec(path) ?? KEY_SEGMENT.exec(path) ?? []
    const collection = above === '' ? undefined : this.#at(above, 'collection')
    if (collection !== undefined) return { place: collection, key: decodeKey(key, path) }
    const single = this.#at(path, 'single')
    if (single !== undefined) return { place: single }
    throw refusal(`'${url.slice(0, 200)}' names no entity.`)
  }

  /** The collection that a URL names; undefined where it names something else. */
  collection(url: string): Place | undefined {
    return this.#at(this.#pathOf(url), 'collection')
  }

  /** @throws ODataError where a segment leads nowhere. */
  #at(path: string, kind: Place['kind']): Place | undefined {
    const known = this.#known.get(path) ?? this.#read(path)
    this.#known.set(path, known)
    return known?.kind === kind ? known : undefined
  }

  #read(path: string): Place | undefined {
    const read = parsePath(path, this.#model)
    return read.kind === 'collection' || read.kind === 'single' ? read : undefined
  }

  /** An absolute URL is of any host; a relative one begins below the first version. */
  #pathOf(url: string): string {
    const path = url.replace(/^https?:\/\/[^/]*/i, '')
    const [version = ''] = this.#model.versions.keys()
    return path.startsWith('/') ? path : `/${version}/${path}`
  }
}

function decodeKey(key: string, path: string): string {
  const text = path.endsWith(')') ? key.replaceAll("''", "'") : key
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw refusal(`The key '${key.slice(0, 100)}' cannot be percent-decoded.`)
  }
}

function refusal(message: string): ODataError {
  return new ODataError('BadRequest', message)
}
