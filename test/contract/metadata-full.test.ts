/** Full metadata: types, links and actions, every one of which leads where it says. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model } from '#model/model.ts'
import type { Runstate } from '../support/runstate.ts'
import { expandedIn, type Members, read, singleIn } from './expansions.ts'
import { families, ownMembers, rowsOf, shellFamily, useRunstate } from './families.ts'
import { assignExample, createHealthScript, healthOperations, ids, pathOf, SET } from './health.ts'
import { surface } from './surface.ts'

const FULL = { accept: 'application/json;odata.metadata=full' }

const expansion =
  '$expand=assignments,groupAssignments,runSummary,deviceRunStates($expand=managedDevice),userRunStates($expand=deviceRunStates($expand=managedDevice))'

const reads: readonly string[] = [
  ...surface
    .filter(({ method, answers }) => method === 'GET' && answers !== 'number')
    .map(({ path }) => path),
  ...healthOperations
    .filter(({ method, template }) => method === 'GET' && !template.endsWith('$count'))
    .map(pathOf),
  ...families.map(({ set }) => `${set}?${expansion}`),
  `${SET}?$expand=assignments,runSummary,deviceRunStates($expand=managedDevice)`,
  'managedDevices',
]

async function readFull(runstate: Runstate, path: string): Promise<Members> {
  const { status, text, body } = await runstate.send('GET', path, { headers: FULL })
  assert.equal(status, 200, `${path}: ${text}`)
  return body
}

/** All entities of an answer, at any depth: those that say who they are. */
function entitiesIn(json: unknown): readonly Members[] {
  if (Array.isArray(json)) return json.flatMap(entitiesIn)
  if (typeof json !== 'object' || json === null) return []
  const below = Object.values(json).flatMap(entitiesIn)
  return '@odata.id' in json ? [{ ...json }, ...below] : below
}

/** The path of a URL of this server. */
function pathIn(url: unknown): string {
  const { origin, pathname } = new URL(String(url))
  assert.equal(origin, 'https://localhost')
  return pathname
}

function typeNamed(name: unknown) {
  const type = model.entityTypes.get(String(name).replace('#microsoft.graph.', ''))
  assert(type !== undefined, String(name))
  return type
}

describe('full metadata', () => {
  const runstate = useRunstate({ demo: true })

  for (const path of reads) {
    test(`names each entity by a URL that gives it: ${path}`, async () => {
      const entities = entitiesIn(await readFull(runstate(), path))
      assert(entities.length > 0)
      for (const entity of entities) {
        assert.equal(entity['@odata.editLink'], entity['@odata.id'])
        const { body } = await read(runstate(), pathIn(entity['@odata.id']))
        assert.equal(body['@odata.type'], entity['@odata.type'])
        for (const [name, value] of Object.entries(ownMembers(body)))
          assert.equal(
            JSON.stringify(withoutAnnotations(entity[name])),
            JSON.stringify(withoutAnnotations(value)),
            name,
          )
      }
    })

    test(`leads from each entity to what its navigations give: ${path}`, async () => {
      for (const entity of entitiesIn(await readFull(runstate(), path))) {
        const { navigations } = typeNamed(entity['@odata.type'])
        const links = Object.keys(entity).filter((name) => name.endsWith('@odata.navigationLink'))
        const names = [...navigations.values()].map(({ name }) => name)
        assert.deepEqual(
          links,
          names.map((name) => `${name}@odata.navigationLink`),
        )
        for (const name of names) {
          const link = String(entity[`${name}@odata.navigationLink`])
          assert.equal(link, `${entity['@odata.id']}/${name}`)
          assert.equal(entity[`${name}@odata.associationLink`], `${link}/$ref`)
          const { body } = await read(runstate(), pathIn(link))
          assert.equal('value' in body, navigations.get(name.toLowerCase())?.collection)
        }
      }
    })

    test(`says the type of each entity, and of each value that JSON does not tell: ${path}`, async () => {
      for (const entity of entitiesIn(await readFull(runstate(), path))) {
        const type = typeNamed(entity['@odata.type'])
        for (const property of type.properties) {
          const said = entity[`${property.name}@odata.type`]
          const value = entity[property.name]
          const isPlain = ['Edm.String', 'Edm.Boolean', 'Edm.Int32'].includes(property.typeName)
          if (Array.isArray(value)) assert.match(String(said), /^#Collection\(/, property.name)
          else if (property.kind === 'complex' || isPlain) assert.equal(said, undefined, property.name)
          else assert.equal(said, `#${property.typeName.replace(/^Edm\./, '')}`)
        }
      }
    })
  }

  test('annotates the members of a script as OData writes them', async () => {
    const body = await readFull(runstate(), `deviceShellScripts/${shellFamily.example['id']}`)
    const typed = Object.entries(body).filter(([name]) => name.endsWith('@odata.type'))
    assert.deepEqual(Object.fromEntries(typed), {
      '@odata.type': '#microsoft.graph.deviceShellScript',
      'executionFrequency@odata.type': '#Duration',
      'scriptContent@odata.type': '#Binary',
      'createdDateTime@odata.type': '#DateTimeOffset',
      'lastModifiedDateTime@odata.type': '#DateTimeOffset',
      'runAsAccount@odata.type': '#microsoft.graph.runAsAccountType',
      'roleScopeTagIds@odata.type': '#Collection(String)',
    })
    const names = Object.keys(body)
    for (const [name] of typed.slice(1))
      assert.equal(names[names.indexOf(name) + 1], name.replace('@odata.type', ''))
  })

  test('annotates the members of complex values too', async () => {
    const path = `deviceShellScripts/${shellFamily.example['id']}`
    const body = await readFull(runstate(), `${path}?$expand=assignments`)
    for (const assignment of expandedIn(body, 'assignments')) {
      const target = singleIn(assignment, 'target')
      assert.match(String(target['@odata.type']), /^#microsoft\.graph\.\w+AssignmentTarget$/)
      assert.equal(
        target['deviceAndAppManagementAssignmentFilterType@odata.type'],
        '#microsoft.graph.deviceAndAppManagementAssignmentFilterType',
      )
      assert(!('deviceAndAppManagementAssignmentFilterId@odata.type' in target))
    }
    const health = await readFull(runstate(), `${SET}/${ids.script}/assignments/${ids.assignment}`)
    assert.equal(singleIn(health, 'runSchedule')['time@odata.type'], '#TimeOfDay')
    const parameters = expandedIn(
      await readFull(runstate(), `${SET}/${ids.script}`),
      'detectionScriptParameters',
    )
    for (const each of parameters) assert.match(String(each['@odata.type']), /Parameter$/)
  })

  test('offers the actions of each family, at targets that take them', async () => {
    for (const family of families) {
      const path = `${family.set}/${await runstate().create(family.set, family.creation)}`
      const [listed] = rowsOf(
        await runstate().send('GET', `${family.set}?$orderby=createdDateTime desc`, { headers: FULL }),
      )
      for (const entity of [await readFull(runstate(), path), listed]) {
        assert.deepEqual(
          Object.keys(entity ?? {}).filter((name) => name.startsWith('#')),
          ['#microsoft.graph.assign'],
        )
        const { title, target } = singleIn(entity, '#microsoft.graph.assign')
        assert.equal(title, 'microsoft.graph.assign')
        const body = {
          deviceManagementScriptAssignments: [
            { target: { '@odata.type': '#microsoft.graph.allDevicesAssignmentTarget' } },
          ],
        }
        const assigned = await runstate().send('POST', pathIn(target), { body })
        assert.equal(assigned.status, 204, assigned.text)
        assert.equal(rowsOf(await read(runstate(), `${pathIn(entity?.['@odata.id'])}/assignments`)).length, 1)
      }
    }
    const health = await readFull(runstate(), await createHealthScript(runstate()))
    const { target } = singleIn(health, '#microsoft.graph.assign')
    const assigned = await runstate().send('POST', pathIn(target), { body: assignExample })
    assert.equal(assigned.status, 204, assigned.text)
  })

  test('offers no action of an entity that has none', async () => {
    for (const { path } of surface.filter(
      ({ method, answers }) => method === 'GET' && answers === 'entity',
    )) {
      const body = await readFull(runstate(), path)
      const actions = Object.keys(body).filter((name) => name.startsWith('#'))
      assert.equal(
        actions.length > 0,
        families.some(({ set, example }) => path === `${set}/${example['id']}`),
      )
    }
  })

  test('gives an edit link that can be patched, and a creation the URL of what it made', async () => {
    const body = shellFamily.creation
    const created = await runstate().send('POST', 'deviceShellScripts', { body, headers: FULL })
    assert.equal(created.status, 201, created.text)
    const link = pathIn(created.body['@odata.editLink'])
    const patched = await runstate().send('PATCH', link, { body: { description: 'another' }, headers: FULL })
    assert.equal(patched.body['description'], 'another')
    assert.equal(patched.body['@odata.id'], created.body['@odata.id'])
    assert.equal((await read(runstate(), link)).body['description'], 'another')
    assert.equal((await runstate().send('DELETE', link)).status, 204)
  })

  test('names only what is there where members are chosen', async () => {
    const path = `deviceShellScripts/${shellFamily.example['id']}`
    const body = await readFull(runstate(), `${path}?$select=id,runAsAccount`)
    assert.deepEqual(Object.keys(body), [
      ...['@odata.context', '@odata.type', '@odata.id', '@odata.editLink', 'id'],
      ...['runAsAccount@odata.type', 'runAsAccount'],
    ])
    const unkeyed = await readFull(runstate(), `${path}?$select=displayName`)
    assert.equal(unkeyed['@odata.id'], body['@odata.id'])
  })

  test('takes back what it gave', async () => {
    const path = `deviceShellScripts/${await runstate().create('deviceShellScripts', shellFamily.creation)}`
    const before = (await read(runstate(), path)).body
    const body = await readFull(runstate(), path)
    const patched = await runstate().send('PATCH', path, { body })
    assert.equal(patched.status, 200, patched.text)
    const { lastModifiedDateTime: _, ...rest } = before
    const { lastModifiedDateTime: __, ...after } = patched.body
    assert.deepEqual(after, rest)
    const created = await runstate().send('POST', 'deviceShellScripts', { body })
    assert.equal(created.status, 201, created.text)
    const own = 'deviceManagementScripts/59ea4525-4525-59ea-2545-ea592545ea59/assignments'
    for (const entity of rowsOf(await runstate().send('GET', own, { headers: FULL }))) {
      const again = await runstate().send('PATCH', `${own}/${entity['id']}`, { body: entity, headers: FULL })
      assert.equal(again.status, 200, again.text)
      const { '@odata.context': _, ...members } = again.body
      assert.deepEqual(members, entity)
    }
  })

  test('has keys in its URLs that are encoded and quoted', async () => {
    const script = `deviceShellScripts/${await runstate().create('deviceShellScripts', shellFamily.creation)}`
    const groupId = "it's/a ü+%"
    const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId }
    const id = await runstate().create(`${script}/assignments`, { target })
    const [entity] = rowsOf(await runstate().send('GET', `${script}/assignments`, { headers: FULL }))
    assert.equal(entity?.['id'], id)
    assert.match(String(entity?.['@odata.id']), /assignments\('[^/]*:it''s%2Fa%20%C3%BC%2B%25'\)$/)
    assert.equal((await read(runstate(), pathIn(entity?.['@odata.id']))).body['id'], id)
  })
})

function withoutAnnotations(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutAnnotations)
  if (typeof json !== 'object' || json === null) return json
  const kept = Object.entries(json).filter(([name]) => !name.includes('@'))
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutAnnotations(value)]))
}
