import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createModel,
  defineEnumeration,
  type EntityDeclaration,
  type ModelDeclaration,
  model,
  SCHEMA_DATE,
} from './model.ts'

const permissions = { list: [], get: [], create: [], update: [], delete: [] }
const id = { type: 'Edm.String', access: 'readOnly', description: 'The key.' } as const
const text = { type: 'Edm.String', nullable: true, description: 'A text.' } as const
const colour = defineEnumeration({ name: 'colour', members: { red: 0, green: 1 } })

const part: EntityDeclaration = {
  name: 'part',
  description: 'A part of a thing.',
  table: { name: 'part', parent: 'thing' },
  properties: { id },
  navigations: {},
  permissions,
  example: { id: 'p' },
}

const thing: EntityDeclaration = {
  ...part,
  name: 'thing',
  table: { name: 'thing', numbered: true },
  properties: { id, text, colour: { type: colour, default: 'red', description: 'A colour.' } },
  navigations: { parts: { target: 'part', collection: true, contained: true } },
  example: { id: 't', text: 'a' },
}

const versions = { beta: { shop: { things: 'thing' } } }

function declare(
  changes: Partial<EntityDeclaration>,
  rest: Partial<ModelDeclaration> = {},
): ModelDeclaration {
  return { entityTypes: [{ ...thing, ...changes }, part], versions, ...rest }
}

/** What is broken, how, and what is said of it. */
const broken: readonly (readonly [what: string, declaration: ModelDeclaration, message: string])[] = [
  [
    'two entity types of one name',
    { entityTypes: [thing, part, thing], versions },
    'thing is declared twice',
  ],
  [
    'a navigation to nowhere',
    declare({ navigations: { others: { target: 'other', collection: true } } }),
    'the entity type other is not declared',
  ],
  [
    'an entity set of nothing',
    declare({}, { versions: { beta: { shop: { others: 'other' } } } }),
    'the entity type other is not declared',
  ],
  ['a type without a key', declare({ properties: { text } }), 'thing has no read-only key'],
  [
    'a key that can be written',
    declare({ properties: { id: { ...text, type: 'Edm.String' } } }),
    'thing has no read-only key',
  ],
  [
    'a key that may be null',
    declare({ properties: { id: { ...id, nullable: true } } }),
    'thing has no read-only key',
  ],
  [
    'a property that is never null and set by nothing',
    declare({ properties: { id, text: { type: 'Edm.String', description: '' } } }),
    'thing.text is not nullable and has no default',
  ],
  [
    'a default that the enumeration lacks',
    declare({ properties: { id, colour: { type: colour, default: 'blue', description: '' } } }),
    'thing.colour has a default that its enumeration lacks',
  ],
  [
    'a default that is the number of a member',
    declare({ properties: { id, colour: { type: colour, default: 0, description: '' } } }),
    'thing.colour has a default that its enumeration lacks',
  ],
  [
    'a default from a property that is not there',
    declare({ properties: { id, text: { ...text, default: { from: 'name' } } } }),
    'thing.text takes its default from name, which is unknown',
  ],
  [
    'a name for a property and a navigation',
    declare({ properties: { id, parts: text } }),
    'thing.parts is both a property and a navigation',
  ],
  [
    'a navigation that neither contains nor is linked',
    declare({ navigations: { parts: { target: 'part', collection: true } } }),
    'thing.parts says neither that it contains nor how it is linked',
  ],
  [
    'two navigations that differ in case only',
    declare({ navigations: { ...thing.navigations, Parts: { target: 'part' } } }),
    'Parts and parts have the same name',
  ],
  [
    'two entity sets that differ in case only',
    declare({}, { versions: { beta: { shop: { things: 'thing', THINGS: 'thing' } } } }),
    'THINGS and things have the same name',
  ],
  [
    'two singletons that differ in case only',
    declare({}, { versions: { beta: { shop: {}, Shop: {} } } }),
    'Shop and shop have the same name',
  ],
  [
    'two versions that differ in case only',
    declare({}, { versions: { beta: {}, Beta: {} } }),
    'Beta and beta have the same name',
  ],
  [
    'contained entities whose table names no parent',
    declare({ navigations: { twins: { target: 'thing', collection: true, contained: true } } }),
    'thing is contained but its table names no parent',
  ],
  [
    'a parent that no entity type keeps',
    { entityTypes: [thing, { ...part, table: { name: 'part', parent: 'shelf' } }], versions },
    'part lives under the table shelf, which has no numbered rows',
  ],
  [
    'a parent whose rows have no numbers',
    declare({ table: { name: 'thing' } }),
    'part lives under the table thing, which has no numbered rows',
  ],
  [
    'an entity set of what lives under a parent',
    declare({}, { versions: { beta: { shop: { parts: 'part' } } } }),
    'parts is at the root, but its table names a parent',
  ],
  [
    'an action that takes what no navigation leads to',
    declare({
      actions: {
        give: {
          ...{ boundTo: 'entity', permissions: [] },
          parameters: { ids: { kind: 'texts' }, all: { kind: 'entities', navigation: 'others' } },
        },
      },
    }),
    'thing.give takes what a navigation leads to that is unknown',
  ],
  [
    'an example with a member that is not there',
    declare({ example: { id: 't', colours: 'red' } }),
    'the example of thing has a member colours, which is unknown',
  ],
]

describe('a model does not start with', () => {
  for (const [what, declaration, message] of broken)
    test(what, () => assert.throws(() => createModel(declaration), { name: 'AssertionError', message }))
})

describe('a model', () => {
  test('that is whole starts, its types in a ring too', () => {
    const ring = { ...part, navigations: { thing: { target: 'thing', link: 'thing_id' } } }
    const { entityTypes } = createModel({ entityTypes: [thing, ring], versions })
    const parts = entityTypes.get('thing')?.navigations.get('parts')
    assert.deepEqual([parts?.name, parts?.collection, parts?.contained], ['parts', true, true])
    const back = parts?.target.navigations.get('thing')
    assert.deepEqual([back?.collection, back?.contained], [false, false])
    assert.equal(back?.target, entityTypes.get('thing'))
    assert.deepEqual(entityTypes.get('part')?.references, [back])
    assert.deepEqual(entityTypes.get('thing')?.references, [])
  })

  test('finds versions, singletons, entity sets and navigations by their names in any case', () => {
    const { versions: found } = createModel({
      entityTypes: [{ ...thing, navigations: { subParts: { target: 'part', contained: true } } }, part],
      versions: { Beta: { toolShop: { allThings: 'thing' } } },
    })
    const singleton = found.get('beta')?.singletons.get('toolshop')
    const set = singleton?.navigations.get('allthings')
    assert.deepEqual(
      [found.get('beta')?.name, singleton?.name, set?.name, set?.target.navigations.get('subparts')?.name],
      ['Beta', 'toolShop', 'allThings', 'subParts'],
    )
    assert.deepEqual([set?.collection, set?.contained], [true, true])
  })
})

describe('the model that is served', () => {
  const scripts = ['deviceManagementScript', 'deviceShellScript', 'deviceCustomAttributeShellScript']

  test('has beta with the three families, health scripts and devices, and a v1.0 without them', () => {
    const sets = [...model.versions.values()].map(({ name, singletons }) => [
      name,
      [...singletons.values()].map((singleton) => [
        singleton.name,
        ...[...singleton.navigations.values()].map((set) => `${set.name}: ${set.target.name}`),
      ]),
    ])
    assert.deepEqual(sets, [
      [
        'beta',
        [
          [
            'deviceManagement',
            ...[...scripts, 'deviceHealthScript', 'managedDevice'].map((name) => `${name}s: ${name}`),
          ],
        ],
      ],
      ['v1.0', [['deviceManagement']]],
    ])
  })

  test('lets the families share a table and its ids, each its own name in it', () => {
    const tables = scripts.map((name) => model.entityTypes.get(name)?.table)
    assert.deepEqual(
      tables,
      scripts.map((name) => ({
        name: 'script',
        discriminator: { column: 'family', value: `${name}s` },
        numbered: true,
      })),
    )
  })

  test('has the same below each family, all of it contained and of the scripts’ table', () => {
    const below = 'groupAssignments assignments runSummary userRunStates deviceRunStates'.split(' ')
    for (const name of scripts) {
      const ways = [...(model.entityTypes.get(name)?.navigations.values() ?? [])]
      assert.deepEqual(
        ways.map((way) => way.name),
        below,
      )
      for (const { contained, link, target } of ways)
        assert.deepEqual([contained, link, target.table.parent], [true, undefined, 'script'])
    }
  })

  test('keeps health scripts and what is below them in tables of their own', () => {
    const { table, navigations } = model.entityTypes.get('deviceHealthScript') ?? assert.fail()
    assert.deepEqual(table, { name: 'health_script', numbered: true })
    assert.deepEqual(
      [...navigations.values()].map(({ name, contained, target }) => [name, contained, target.table]),
      [
        ['assignments', true, { name: 'health_assignment', parent: 'health_script' }],
        ['runSummary', true, { name: 'health_run_summary', parent: 'health_script', slotted: true }],
        ['deviceRunStates', true, { name: 'health_device_state', parent: 'health_script' }],
      ],
    )
  })

  test('links device states to the user state above them and to their device, and nothing else', () => {
    const ways = [...model.entityTypes.values()].flatMap(({ name, navigations }) =>
      [...navigations.values()].map((way) => ({ from: name, ...way, target: way.target.name })),
    )
    const common = 'deviceManagementScript'
    const linked = ways.flatMap(({ from, name, link }) => (link === undefined ? [] : [[from, name, link]]))
    assert.deepEqual(linked, [
      [`${common}DeviceState`, 'managedDevice', 'managed_device'],
      [`${common}UserState`, 'deviceRunStates', 'user_state'],
      ['deviceHealthScriptDeviceState', 'managedDevice', 'managed_device'],
    ])
    for (const name of [common, 'deviceHealthScript']) {
      const { references } = model.entityTypes.get(`${name}DeviceState`) ?? assert.fail(name)
      assert.deepEqual(
        references.map(({ link }) => link),
        ['managed_device'],
      )
    }
  })

  test('gives three kinds of states a part in the summary of their script, and nothing else', () => {
    const moving = [...model.entityTypes.values()].filter(({ contributes }) => contributes !== undefined)
    assert.deepEqual(
      moving.map(({ name, contributes }) => [name, contributes?.to.table]),
      [
        ...['DeviceState', 'UserState'].map((name) => [
          `deviceManagementScript${name}`,
          { name: 'run_summary', parent: 'script', slotted: true },
        ]),
        [
          'deviceHealthScriptDeviceState',
          { name: 'health_run_summary', parent: 'health_script', slotted: true },
        ],
      ],
    )
  })

  test('asks for the scripts’ permissions on scripts, the older ones below, the least privileged first', () => {
    const scriptRead = ['DeviceManagementScripts.Read.All', 'DeviceManagementScripts.ReadWrite.All']
    const childWrite = [
      'DeviceManagementConfiguration.ReadWrite.All',
      'DeviceManagementManagedDevices.ReadWrite.All',
    ]
    const childRead = childWrite.flatMap((name) => [name.replace('ReadWrite', 'Read'), name])
    const isConfiguration = (name: string) => name.startsWith('DeviceManagementConfiguration.')
    const accepted = (name: string) => {
      if ([...scripts, 'deviceHealthScript'].includes(name)) return [scriptRead, scriptRead.slice(1)]
      if (!name.startsWith('deviceHealthScript')) return [childRead, childWrite]
      return [childRead.filter(isConfiguration), childWrite.filter(isConfiguration)]
    }
    for (const { name, permissions: asked, table } of model.entityTypes.values()) {
      const [read, write] = accepted(name)
      const every = { list: read, get: read, create: write, update: write, delete: write }
      const summary = { get: read, update: write }
      if (name !== 'managedDevice') assert.deepEqual(asked, table.slotted === true ? summary : every, name)
    }
    const [, , deviceRead, deviceWrite] = childRead
    const devices = [deviceRead, deviceWrite]
    const { permissions: asked } = model.entityTypes.get('managedDevice') ?? assert.fail()
    assert.deepEqual(asked, { list: devices, get: devices, create: [deviceWrite] })
  })

  test('asks for the permissions of scripts to get from a state to its device, not for the devices’', () => {
    for (const name of ['deviceManagementScriptDeviceState', 'deviceHealthScriptDeviceState']) {
      const { navigations, permissions: asked } = model.entityTypes.get(name) ?? assert.fail(name)
      assert(asked.get !== undefined)
      assert.deepEqual(navigations.get('manageddevice')?.permissions, asked.get)
    }
  })

  test('asks for the permissions of the pages to act: assign and hasPayloadLinks', () => {
    const configuration = 'DeviceManagementConfiguration.Read'
    const children = ['DeviceManagementConfiguration', 'DeviceManagementManagedDevices']
    const childWrite = children.map((name) => `${name}.ReadWrite.All`)
    const asked = [...scripts, 'deviceHealthScript'].map((name) => {
      const { actions } = model.entityTypes.get(name) ?? assert.fail(name)
      return ['assign', 'haspayloadlinks'].map((action) => actions.get(action)?.permissions)
    })
    assert.deepEqual(asked, [
      [['DeviceManagementScripts.ReadWrite.All'], [`${configuration}.All`, `${configuration}Write.All`]],
      [childWrite, undefined],
      [childWrite, undefined],
      [['DeviceManagementScripts.ReadWrite.All'], undefined],
    ])
  })

  test('says of which day its schema is', () => {
    assert.match(SCHEMA_DATE, /^20\d\d-[01]\d-[0-3]\d$/)
  })
})
