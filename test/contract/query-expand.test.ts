/** `$expand`: what is expanded is what its own URL answers, on lists and on single entities, with options and without. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Runstate } from '../support/runstate.ts'
import {
  asExpanded,
  createFullScript,
  expandedIn,
  type FullScript,
  type Members,
  partOf,
  read,
  singleIn,
} from './expansions.ts'
import { type Family, families, rowsOf, shellFamily, useRunstate } from './families.ts'

const collections = ['assignments', 'groupAssignments', 'deviceRunStates', 'userRunStates'] as const

/** A server with the documentation's script and two more of a family. */
function useScripts(family: Family): { runstate: () => Runstate; scripts: FullScript[] } {
  const runstate = useRunstate({ demo: true })
  const scripts: FullScript[] = []
  before(async () => {
    for (const name of ['first', 'second']) scripts.push(await createFullScript(runstate(), family, name))
  })
  return { runstate, scripts }
}

/** A single entity at its own URL, without the context of the answer. */
async function readSingle(runstate: Runstate, path: string): Promise<Members> {
  const { '@odata.context': _, ...members } = (await read(runstate, path)).body
  return members
}

for (const family of families) {
  describe(`$expand of ${family.set}`, () => {
    const { runstate, scripts } = useScripts(family)

    for (const name of collections) {
      test(`gives each row of a list its ${name}, as their own URL answers them`, async () => {
        const rows = rowsOf(await read(runstate(), `${family.set}?$expand=${name}`))
        assert.equal(rows.length, 3)
        for (const row of rows) {
          const own = await read(runstate(), `${family.set}/${row['id']}/${name}`)
          assert(rowsOf(own).length > 0)
          assert.deepEqual(partOf(row, name), asExpanded(own, name))
        }
      })

      test(`gives one entity its ${name}, as their own URL answers them`, async () => {
        for (const { path } of scripts) {
          const { body } = await read(runstate(), `${path}?$expand=${name}`)
          assert.deepEqual(partOf(body, name), asExpanded(await read(runstate(), `${path}/${name}`), name))
        }
      })
    }

    test('gives one user state its device states, as their own URL answers them', async () => {
      for (const { path, userStates } of scripts) {
        for (const id of userStates) {
          const state = `${path}/userRunStates/${id}`
          const { body } = await read(runstate(), `${state}?$expand=deviceRunStates`)
          const own = await read(runstate(), `${state}/deviceRunStates`)
          assert.equal(rowsOf(own).length, 2)
          assert.deepEqual(partOf(body, 'deviceRunStates'), asExpanded(own, 'deviceRunStates'))
        }
      }
    })

    test('leaves the entity itself as it is, and adds to its end', async () => {
      for (const url of [family.set, scripts[0]?.path ?? '']) {
        const plain = await read(runstate(), url)
        const expanded = await read(runstate(), `${url}?$expand=assignments,runSummary`)
        const before = 'value' in plain.body ? rowsOf(plain) : [plain.body]
        const after = 'value' in expanded.body ? rowsOf(expanded) : [expanded.body]
        for (const [i, row] of before.entries()) {
          const names = Object.keys(row)
          assert.deepEqual(Object.keys(after[i] ?? {}).slice(0, names.length), names)
          for (const name of names.filter((each) => each !== '@odata.context'))
            assert.deepEqual(after[i]?.[name], row[name])
        }
      }
    })

    test('gives each row of a list its runSummary', async () => {
      const rows = rowsOf(await read(runstate(), `${family.set}?$expand=runSummary`))
      const summaries = new Set()
      for (const row of rows) {
        const own = await readSingle(runstate(), `${family.set}/${row['id']}/runSummary`)
        assert.deepEqual(singleIn(row, 'runSummary'), own)
        summaries.add(own['id'])
      }
      assert.equal(summaries.size, 3)
    })

    test('gives several navigations at once, in any spelling and order, each as alone', async () => {
      const names = [...collections, 'runSummary']
      for (const order of [names, names.toReversed()]) {
        const query = `%24EXPAND=${order.map((name) => name.toUpperCase()).join('%20,%09')}`
        const rows = rowsOf(await read(runstate(), `${family.set}?${query}`))
        for (const name of names) {
          const alone = rowsOf(await read(runstate(), `${family.set}?expand=${name}`))
          assert.deepEqual(
            rows.map((row) => partOf(row, name)),
            alone.map((row) => partOf(row, name)),
          )
        }
      }
    })

    test('reaches through user states to their device states, and to the devices of these', async () => {
      const inner = 'userRunStates($expand=deviceRunStates($expand=managedDevice))'
      for (const url of [family.set, scripts[1]?.path ?? '']) {
        const answer = await read(runstate(), `${url}?$expand=${inner}`)
        const rows = 'value' in answer.body ? rowsOf(answer) : [answer.body]
        for (const row of rows) {
          const own = await read(
            runstate(),
            `${family.set}/${row['id']}/userRunStates?$expand=deviceRunStates($expand=managedDevice)`,
          )
          assert.deepEqual(expandedIn(row, 'userRunStates'), rowsOf(own))
          for (const user of rowsOf(own)) {
            const below = `${family.set}/${row['id']}/userRunStates/${user['id']}/deviceRunStates`
            const states = await read(runstate(), `${below}?$expand=managedDevice`)
            assert.deepEqual(expandedIn(user, 'deviceRunStates'), rowsOf(states))
            for (const state of rowsOf(states)) {
              const device = await readSingle(runstate(), `${below}/${state['id']}/managedDevice`)
              assert.deepEqual(singleIn(state, 'managedDevice'), device)
            }
          }
        }
      }
    })

    test('gives a user only the device states of that user, and the script all of them', async () => {
      const { path, userStates } = scripts[0] ?? assert.fail()
      const query = '$expand=deviceRunStates,userRunStates($expand=deviceRunStates)'
      const { body } = await read(runstate(), `${path}?${query}`)
      assert.equal(expandedIn(body, 'deviceRunStates').length, 5)
      const users = expandedIn(body, 'userRunStates')
      assert.deepEqual(users.map(({ id }) => id).toSorted(), userStates.toSorted())
      for (const user of users) assert.equal(expandedIn(user, 'deviceRunStates').length, 2)
    })
  })
}

/** Options inside an expanded collection; the collection takes all of them at its own URL. */
const options: Readonly<Record<(typeof collections)[number], readonly (readonly string[])[]>> = {
  assignments: [
    ...[['$select=id'], ['$top=1'], ['$skip=1'], ['$count=true'], ['$top=0']],
    ['$top=1', '$skip=1', '$count=true'],
  ],
  groupAssignments: [
    ...[['$select=targetGroupId'], ['$count=true'], ['$top=1', '$count=true']],
    ["$filter=targetGroupId eq '00000000-0000-4000-8000-000000000001'", '$count=true'],
  ],
  deviceRunStates: [
    ['$select=id,runState'],
    ["$filter=runState eq 'fail'"],
    ["$filter=runState eq 'fail' or errorCode gt 4"],
    ["$filter=contains(resultMessage,'of one')"],
    ["$filter=resultMessage eq 'it''s;(not)) there,&#'", '$count=true'],
    ['$filter=errorCode in (1,5)'],
    ['$orderby=errorCode desc'],
    ['$orderby=runState,errorCode desc'],
    ['$orderby=lastStateUpdateDateTime desc', '$top=2'],
    ['$top=2', '$skip=1'],
    ['$top=2', '$skip=1', '$orderby=errorCode', '$count=true'],
    ['$skip=4'],
    ['$skip=5', '$count=true'],
    ['$skip=50', '$count=true'],
    ['$top=0', '$count=true'],
    ["$filter=runState eq 'notApplicable'", '$count=true'],
    [
      "$filter=runState eq 'success'",
      '$count=true',
      '$top=1',
      '$orderby=errorCode desc',
      '$select=errorCode',
    ],
    ['$expand=managedDevice'],
    ['$expand=managedDevice($select=deviceName)', '$select=errorCode', '$orderby=errorCode desc', '$top=3'],
    ['$count=false'],
    ['$select=*'],
    ['top=1', 'COUNT=TRUE', 'Select=ERRORCODE'],
  ],
  userRunStates: [
    ["$filter=startswith(userPrincipalName,'TWO')"],
    ['$orderby=userPrincipalName desc'],
    ['$orderby=errorDeviceCount desc,userPrincipalName', '$top=1'],
    ['$expand=deviceRunStates'],
    ['$expand=deviceRunStates($top=1;$count=true)', '$count=true'],
    ["$expand=deviceRunStates($filter=runState eq 'fail';$expand=managedDevice($select=id))", '$select=id'],
    ['$expand=deviceRunStates($orderby=errorCode desc;$skip=1;$select=errorCode)'],
  ],
}

/** The options as a query of their own. */
function queryOf(given: readonly string[]): string {
  return given
    .map((option) => option.replace(/=.*/, (value) => `=${encodeURIComponent(value.slice(1))}`))
    .join('&')
}

describe('the options inside $expand', () => {
  const { runstate, scripts } = useScripts(shellFamily)

  for (const name of collections) {
    for (const given of options[name]) {
      test(`mean what they mean at the collection's own URL: ${name}(${given.join(';')})`, async () => {
        const query = encodeURIComponent(`${name}(${given.join(';')})`)
        const rows = rowsOf(await read(runstate(), `deviceShellScripts?$expand=${query}`))
        for (const { path, id } of scripts) {
          const own = asExpanded(await read(runstate(), `${path}/${name}?${queryOf(given)}`), name)
          const row = rows.find((each) => each['id'] === id)
          const single = (await read(runstate(), `${path}?$expand=${query}`)).body
          for (const each of [row, single])
            assert.deepEqual(withoutLinks(partOf(each, name)), withoutLinks(own))
        }
      })
    }
  }

  test('may have spaces around them, and a semicolon at the end', async () => {
    const { path } = scripts[0] ?? assert.fail()
    const { body } = await read(runstate(), `${path}?$expand=deviceRunStates($top=1;$count=true)`)
    const query = ' deviceRunStates ( $top = 1 ;\t$count= true ; ) '
    const spaced = await read(runstate(), `${path}?$expand=${encodeURIComponent(query)}`)
    assert.deepEqual(withoutLinks(spaced.body), withoutLinks(body))
  })
})

/** Links as no more than that they are there: they carry the query as it was written. */
function withoutLinks(members: Members): Members {
  return JSON.parse(
    JSON.stringify(members, (name, value) => (name.endsWith('@odata.nextLink') ? 'a link' : value)),
  )
}

describe('$expand with $select', () => {
  const { runstate, scripts } = useScripts(shellFamily)
  const root = 'https://localhost/beta/$metadata#deviceManagement/deviceShellScripts'

  for (const [query, members, own] of [
    ['$select=id&$expand=assignments', 'id,assignments()', ['id']],
    ['$expand=assignments&$select=displayName,id', 'id,displayName,assignments()', ['id', 'displayName']],
    ['$select=id,assignments&$expand=assignments', 'id,assignments()', ['id']],
    ['$select=id&$expand=assignments($select=id)', 'id,assignments(id)', ['id']],
    ['$select=id&$expand=assignments($select=target,id;$top=1)', 'id,assignments(id,target)', ['id']],
    [
      '$select=id&$expand=userRunStates($select=id;$expand=deviceRunStates($select=id)),assignments',
      'id,userRunStates(id,deviceRunStates(id)),assignments()',
      ['id'],
    ],
    [
      '$select=retryCount&$expand=assignments,runSummary($select=id)',
      'retryCount,assignments(),runSummary(id)',
      ['retryCount'],
    ],
  ] as const) {
    test(`gives these members and says so: ${query}`, async () => {
      const { path } = scripts[0] ?? assert.fail()
      const { body } = await read(runstate(), `${path}?${query}`)
      assert.equal(body['@odata.context'], `${root}(${members})/$entity`)
      const list = await read(runstate(), `deviceShellScripts?${query}`)
      assert.equal(list.body['@odata.context'], `${root}(${members})`)
      for (const row of [body, ...rowsOf(list)]) {
        const plain = Object.keys(row).filter((name) => !name.includes('@'))
        const expanded = ['assignments', 'userRunStates', 'runSummary'].filter((name) =>
          query.includes(`${name}`),
        )
        assert.deepEqual(plain.toSorted(), [...own, ...expanded].toSorted())
      }
    })
  }

  test('says of what is expanded which of its members are there', async () => {
    const { path, id, userStates } = scripts[0] ?? assert.fail()
    const inner = '$select=id;$expand=deviceRunStates($select=errorCode;$expand=managedDevice($select=id))'
    const { body } = await read(runstate(), `${path}?$expand=userRunStates(${inner})`)
    const above = `${root}('${id}')/userRunStates`
    assert.equal(
      body['userRunStates@odata.context'],
      `${above}(id,deviceRunStates(errorCode,managedDevice(id)))`,
    )
    for (const user of expandedIn(body, 'userRunStates')) {
      assert(userStates.includes(String(user['id'])))
      assert.equal(
        user['deviceRunStates@odata.context'],
        `${above}('${user['id']}')/deviceRunStates(errorCode,managedDevice(id))`,
      )
      for (const state of expandedIn(user, 'deviceRunStates')) {
        assert.deepEqual(
          Object.keys(state).filter((name) => !name.startsWith('@')),
          ['errorCode', 'managedDevice'],
        )
      }
    }
  })

  test('has the context of a contained single entity, and none of one that is only referred to', async () => {
    const { path, id } = scripts[0] ?? assert.fail()
    const { body } = await read(
      runstate(),
      `${path}?$expand=runSummary($select=id),deviceRunStates($expand=managedDevice)`,
    )
    assert.equal(body['runSummary@odata.context'], `${root}('${id}')/runSummary(id)/$entity`)
    for (const state of expandedIn(body, 'deviceRunStates'))
      assert.deepEqual(Object.keys(partOf(state, 'managedDevice')), ['managedDevice'])
  })
})
