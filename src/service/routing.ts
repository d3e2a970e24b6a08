/** Which of the documented routes the recorded service does not have. */
import type { Quirks } from '#base/base.ts'
import { ODataError, type ResourcePath } from '#odata/odata.ts'
import { backendPath, routeTemplate } from './backend.ts'

type Kind = ResourcePath['kind']

/** Requests without a route. Where a field is absent, any will do. */
export interface Gap {
  /** The row of the table of quirks that closes it. */
  readonly quirk: 'unrouted-navigations' | 'writable-run-states'
  /** The navigation at the path's end. */
  readonly navigations?: readonly string[]
  /** The navigation before it. */
  readonly below?: readonly string[]
  readonly kinds?: readonly Kind[]
  readonly methods?: readonly string[]
}

const WRITES = ['POST', 'PATCH', 'DELETE']

const gaps: readonly Gap[] = [
  {
    quirk: 'unrouted-navigations',
    navigations: ['assignments'],
    below: ['deviceShellScripts', 'deviceCustomAttributeShellScripts'],
  },
  {
    quirk: 'unrouted-navigations',
    navigations: ['assignments'],
    kinds: ['collection'],
    methods: ['POST'],
  },
  { quirk: 'unrouted-navigations', navigations: ['groupAssignments'], methods: WRITES },
  {
    quirk: 'unrouted-navigations',
    navigations: ['deviceRunStates'],
    below: ['deviceHealthScripts'],
    kinds: ['entity'],
    methods: ['GET', 'HEAD'],
  },
  { quirk: 'unrouted-navigations', kinds: ['entity', 'single'], methods: ['PUT'] },
  {
    quirk: 'writable-run-states',
    navigations: ['deviceRunStates', 'userRunStates', 'runSummary'],
    kinds: ['collection', 'entity', 'single'],
    methods: WRITES,
  },
]

/** The gaps that the rows in force leave open. */
export function gapsOf(quirks: Quirks): readonly Gap[] {
  return gaps.filter(({ quirk }) => quirks(quirk) === 'refused')
}

/** @throws ODataError `No method match route template`, in the real service's words, for what falls into a gap. */
export function assertRouted(path: ResourcePath, method: string, open: readonly Gap[]): void {
  const gap = open.find((each) => isWithin(each, path, method))
  if (gap === undefined) return
  throw new ODataError(
    'No method match route template',
    `No OData route exists that match template ${routeTemplate(path)} with http verb ${method} for request ${backendPath(path)}.`,
  )
}

function isWithin(
  { navigations, below, kinds, methods }: Gap,
  { kind, navigation, parents }: ResourcePath,
  method: string,
): boolean {
  const before = parents.at(-1)?.navigation.name ?? ''
  return (
    (navigations?.includes(navigation.name) ?? true) &&
    (below?.includes(before) ?? true) &&
    (kinds?.includes(kind) ?? true) &&
    (methods?.includes(method) ?? true)
  )
}
