/** Reads CSDL as a client does, with SAP's reader; what that passes over (base types) from the text. */
import { parse } from '@sap-ux/edmx-parser'

interface ReadProperty {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
}

interface ReadNavigation {
  readonly name: string
  readonly targetTypeName: string
  readonly isCollection: boolean
  readonly containsTarget: boolean
}

interface ReadAction {
  readonly name: string
  readonly isBound: boolean
  /** What it is bound to. */
  readonly sourceType: string
  readonly parameters: readonly { readonly name: string; readonly type: string }[]
  readonly returnType: string
}

interface ReadAnnotations {
  readonly target: string
  readonly annotations: readonly {
    readonly term: string
    readonly value: { readonly type: string; readonly String?: string; readonly Bool?: boolean }
  }[]
}

/** The part of what the reader gives that the tests hold against the published schema. */
export interface ReadSchema {
  readonly namespace: string
  readonly entityTypes: readonly {
    readonly name: string
    readonly keys: readonly ReadProperty[]
    readonly entityProperties: readonly ReadProperty[]
    readonly navigationProperties: readonly ReadNavigation[]
  }[]
  readonly complexTypes: readonly { readonly name: string; readonly properties: readonly ReadProperty[] }[]
  readonly enumTypes: readonly {
    readonly name: string
    readonly members: readonly { readonly name: string; readonly value: number }[]
  }[]
  readonly actions: readonly ReadAction[]
  readonly entityContainer: { readonly name: string }
  readonly entitySets: readonly unknown[]
  readonly singletons: readonly { readonly name: string; readonly entityTypeName: string }[]
  readonly annotations: Readonly<Record<string, readonly ReadAnnotations[]>>
}

/** @throws Error where the text is not well-formed. */
export function readCsdl(text: string): ReadSchema {
  const { schema } = parse(text)
  return schema
}

/** The base of each type that has one, by the type's name. */
export function baseTypesOf(text: string): ReadonlyMap<string, string> {
  const types = text.matchAll(/<(?:Entity|Complex)Type Name="(\w+)" BaseType="graph\.(\w+)"/g)
  return new Map([...types].map(([, name = '', base = '']) => [name, base]))
}
