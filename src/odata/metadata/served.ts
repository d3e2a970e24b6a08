/** Every operation that the model offers, worked out by walking its navigations as a URL does. */
import {
  type Action,
  actionsOf,
  type EntityType,
  type Navigation,
  type OperationName,
  permissionsFor,
  type Version,
} from '#model/model.ts'
import { methods, type NamedKind } from '../methods.ts'

/** A key in the template of a path. */
export interface PathKey {
  readonly name: string
  readonly type: EntityType
}

/** An operation with the template of its path; keys are `{deviceShellScriptId}`, as Microsoft's pages write them. */
export interface ServedOperation {
  readonly path: string
  /** In lower case, as OpenAPI has it. */
  readonly method: string
  readonly kind: NamedKind | 'action'
  readonly name: OperationName | 'count' | Action['name']
  /** The names of the navigations of the path, the entity set first. */
  readonly steps: readonly [string, ...string[]]
  /** The keys of the path, in its order. */
  readonly keys: readonly PathKey[]
  /** The type of what the path leads to. */
  readonly type: EntityType
  readonly action: Action | undefined
  /** Any one of them suffices. */
  readonly permissions: readonly string[]
}

/** The operations of a version. Actions stand under their plain names; the qualified ones are the same. */
export function* operationsOf({ name: version, singletons }: Version): Iterable<ServedOperation> {
  for (const { name, navigations } of singletons.values()) {
    for (const navigation of navigations.values()) {
      const path = `/${version}/${name}/${navigation.name}`
      yield* operationsAt({ path, steps: [navigation.name], keys: [], navigation })
    }
  }
}

interface Place {
  readonly path: string
  readonly steps: ServedOperation['steps']
  readonly keys: readonly PathKey[]
  readonly navigation: Navigation
}

function* operationsAt(place: Place): Iterable<ServedOperation> {
  const { path, steps, keys, navigation } = place
  const { target } = navigation
  // Nothing hangs below a single entity.
  if (!navigation.collection) {
    yield* named('single', place)
    return
  }
  yield* named('collection', place)
  yield* named('count', { ...place, path: `${path}/$count` })
  yield* actionsAt('collection', place)
  const key = keyOf(target, keys)
  const item = { ...place, path: `${path}/{${key.name}}`, keys: [...keys, key] }
  yield* named('entity', item)
  yield* actionsAt('entity', item)
  // Types may form a ring: a path ends where it comes by one again.
  if (keys.some(({ type }) => type === target)) return
  for (const next of target.navigations.values()) {
    yield* operationsAt({
      path: `${item.path}/${next.name}`,
      steps: [...steps, next.name],
      keys: item.keys,
      navigation: next,
    })
  }
}

function* named(kind: NamedKind, { navigation, ...place }: Place): Iterable<ServedOperation> {
  for (const [method, operation] of Object.entries(methods[kind])) {
    const permissions = permissionsFor(navigation, operation)
    if (permissions === undefined) continue
    const name = kind === 'count' ? kind : operation
    const of = { method: method.toLowerCase(), kind, name, type: navigation.target, permissions }
    yield { ...place, ...of, action: undefined }
  }
}

function* actionsAt(boundTo: Action['boundTo'], { navigation, ...place }: Place): Iterable<ServedOperation> {
  const { target: type } = navigation
  for (const action of actionsOf(type)) {
    if (action.boundTo !== boundTo) continue
    const { name, permissions } = action
    const path = `${place.path}/${name}`
    yield { ...place, path, method: 'post', kind: 'action', name, type, action, permissions }
  }
}

/** A second key of one type has a number, for the parameters of a path have names of their own. */
function keyOf(type: EntityType, above: readonly PathKey[]): PathKey {
  const count = above.filter((key) => key.type === type).length
  return { name: `${type.name}Id${count === 0 ? '' : count + 1}`, type }
}
