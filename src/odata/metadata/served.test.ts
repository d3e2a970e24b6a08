import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createModel, defineEntity, type Version } from '#model/model.ts'
import { operationsOf } from './served.ts'

const id = { type: 'Edm.String', access: 'readOnly', description: 'Key.' } as const
const everything = { list: ['R'], get: ['R'], create: ['W'], update: ['W'], delete: ['W'] }

const part = defineEntity({
  name: 'part',
  description: 'A part.',
  table: { name: 'part', parent: 'thing', numbered: true },
  properties: { id },
  navigations: {
    parts: { target: 'part', collection: true, contained: true },
    maker: { target: 'maker', link: 'maker', permissions: ['M'] },
  },
  permissions: everything,
  example: { id: '1' },
})

const maker = defineEntity({
  name: 'maker',
  description: 'A maker.',
  table: { name: 'maker' },
  properties: { id },
  navigations: {},
  permissions: { get: ['R'], update: ['W'] },
  example: { id: '1' },
})

const thing = defineEntity({
  name: 'thing',
  description: 'A thing.',
  table: { name: 'thing', numbered: true },
  properties: { id },
  navigations: { parts: { target: 'part', collection: true, contained: true } },
  permissions: { list: ['R'], create: ['W'] },
  actions: {
    shake: { boundTo: 'entity', permissions: ['S'], parameters: {} },
    sort: { boundTo: 'collection', permissions: ['S'], parameters: {} },
  },
  example: { id: '1' },
})

const { versions } = createModel({
  entityTypes: [thing, part, maker],
  versions: { beta: { root: { things: 'thing', makers: 'maker' } }, 'v1.0': { root: {} } },
})

function versionNamed(name: string): Version {
  return versions.get(name) ?? assert.fail(name)
}

const operations = [...operationsOf(versionNamed('beta'))]

function requestsBelow(prefix: string): readonly string[] {
  return operations
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ method, path }) => `${method} ${path.slice(prefix.length)}`)
}

describe('the operations of a model', () => {
  test('are those that a type has permissions for, and its actions', () => {
    const own = requestsBelow('/beta/root/things').filter((request) => !request.includes('parts'))
    assert.deepEqual(own, ['get ', 'post ', 'get /$count', 'post /sort', 'post /{thingId}/shake'])
    assert.deepEqual(requestsBelow('/beta/root/makers'), ['get /{makerId}', 'patch /{makerId}'])
  })

  test('go along the navigations, and end where a ring of types closes', () => {
    const below = requestsBelow('/beta/root/things/{thingId}/parts/{partId}')
    assert.deepEqual(below, [
      ...['get ', 'patch ', 'delete '],
      ...['get /parts', 'post /parts', 'get /parts/$count'],
      ...['get /parts/{partId2}', 'patch /parts/{partId2}', 'delete /parts/{partId2}'],
      'get /maker',
    ])
  })

  test('are read alone where a navigation has permissions of its own', () => {
    const single = operations.filter(({ kind }) => kind === 'single')
    assert.deepEqual(
      single.map(({ method, permissions }) => [method, permissions]),
      [['get', ['M']]],
    )
  })

  test('know the keys of their paths, in order, and their types', () => {
    for (const { path, keys } of operations) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      assert.deepEqual(
        keys.map(({ name }) => name),
        names,
      )
      assert.equal(new Set(names).size, names.length, path)
    }
    const [list] = operations
    assert.deepEqual([list?.type.name, list?.steps, list?.name], ['thing', ['things'], 'list'])
  })

  test('are none in a version that has none', () => {
    assert.deepEqual([...operationsOf(versionNamed('v1.0'))], [])
  })
})
