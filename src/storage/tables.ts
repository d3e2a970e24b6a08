/** The tables that hold a tenant's rows, as the model declares them. */
import assert from 'node:assert/strict'
import { type EntityType, KEY, type Model, type Property } from '#model/model.ts'
import { memberColumns } from './columns.ts'
import type { Table } from './plan.ts'

/** A table for each name that entity types have, always in the same order. */
export function tablesOf({ entityTypes }: Model): readonly Table[] {
  const types = [...entityTypes.values()]
  return Object.entries(Object.groupBy(types, ({ table }) => table.name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sharing = []]) => {
      const [first] = sharing
      assert(first !== undefined)
      const members = [...sharing.flatMap(ownColumns), ...linksInto(name, types)]
      const key = keyOf(first)
      return { name, parent: first.table.parent, key, columns: [...new Set([...key, ...members])] }
    })
}

function keyOf({ table }: EntityType): readonly string[] {
  if (table.numbered === true) return ['number']
  const parent = table.parent === undefined ? [] : [table.parent]
  return [...parent, table.slotted === true ? 'slot' : KEY]
}

function ownColumns(type: EntityType): readonly string[] {
  const { discriminator } = type.table
  return [
    ...(discriminator === undefined ? [] : [discriminator.column]),
    ...memberColumns(type).map(({ column }) => column),
    ...type.properties.flatMap(foldedColumns),
  ]
}

function foldedColumns(property: Property): readonly string[] {
  if (property.kind === 'complexCollection') return []
  const members = property.kind === 'primitive' ? [property] : property.parts
  return members.flatMap(({ column }) => column.foldedName ?? [])
}

/** The columns in which rows of a table hold the id of what a collection of them hangs below. */
function linksInto(table: string, types: readonly EntityType[]): readonly string[] {
  const navigations = types.flatMap((type) => [...type.navigations.values()])
  return navigations
    .filter(({ collection, target }) => collection && target.table.name === table)
    .flatMap(({ link }) => link ?? [])
}
