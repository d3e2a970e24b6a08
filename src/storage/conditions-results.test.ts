/** What conditions come to, of the same rows on both databases. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EntityType } from '#model/model.ts'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { filterOf, queryRows } from '../../test/support/query-rows.ts'
import { types } from '../../test/support/storage.ts'
import { compile } from './compile.ts'
import { postgres } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import { type Plan, POSITION } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

type Cases = readonly (readonly [filter: string, found: string])[]

/** By scripts a to g. */
const ofScripts: Cases = [
  // Comparisons and nulls.
  ["displayName eq 'alpha'", 'a'],
  ["displayName eq 'ALPHA'", 'a'],
  ["'ALPHA' eq displayName", 'a'],
  ["displayName ne 'alpha'", 'b c d e f g'],
  ["not (displayName eq 'alpha')", 'b c d e f g'],
  ["not (displayName ne 'alpha')", 'a'],
  ["displayName gt 'alpha'", 'b c f g'],
  ["not (displayName gt 'alpha')", 'a d e'],
  ["displayName le 'alpha'", 'a e'],
  ['displayName eq null', 'd'],
  ['displayName ne null', 'a b c e f g'],
  ['null eq displayName', 'd'],
  ['not (displayName eq null)', 'a b c e f g'],
  ['displayName lt null', ''],
  ['not (displayName lt null)', 'a b c d e f g'],
  ['null eq null', 'a b c d e f g'],
  ['displayName eq description', 'd'],
  ['displayName ne description', 'a b c e f g'],
  ["displayName eq 'ΟΔΥΣΣΕΥΣ' or displayName eq 'älpha SS'", 'g'],
  ["displayName eq 'älpha ß'", 'b'],
  ["displayName eq 'İSTANBUL'", 'f'],
  ["id eq 'Id-a'", 'a'],
  ["id eq 'id-a'", ''],
  ["tolower(id) eq 'ID-A'", 'a'],
  ["id eq '00000000-0000-0000-0000-000000000000' or id gt 'Id-e'", 'f g'],
  ['retryCount ge 3', 'a c e f'],
  ['retryCount lt 0', 'd'],
  ['retryCount eq 3.0', 'a e'],
  ['retryCount gt 4.5', 'c f'],
  ['retryCount eq 99999999999', ''],
  ['retryCount lt 1e300', 'a b c d e f g'],
  ['blockExecutionNotifications', 'f'],
  ['not blockExecutionNotifications', 'a b c d e g'],
  ['blockExecutionNotifications eq false', 'a b c d e g'],
  ['blockExecutionNotifications gt false', 'f'],
  ["(displayName eq 'alpha') eq true", 'a'],
  ["(displayName eq 'alpha') ne (retryCount eq 3)", 'e'],
  ['true', 'a b c d e f g'],
  ['false or true and false', ''],
  ["runAsAccount eq 'user'", 'd e'],
  ["runAsAccount eq microsoft.graph.runAsAccountType'user'", 'd e'],
  ["runAsAccount ne '0'", 'd e'],
  ["runAsAccount gt 'system'", 'd e'],
  ['executionFrequency eq null', ''],
  ["executionFrequency eq duration'PT60M'", 'a'],
  ["executionFrequency gt duration'PT1H'", 'g'],
  ["executionFrequency add executionFrequency eq duration'P2D'", 'g'],
  ["executionFrequency sub duration'PT1H' lt duration'PT0S'", 'b c d e f'],
  ["-executionFrequency lt -duration'PT1H'", 'g'],
  // Times.
  ['createdDateTime lt 2026-01-01T00:00:00Z', 'a'],
  ['createdDateTime eq 2026-01-01T01:00:00+01:00', 'b'],
  ['createdDateTime ge 2026-02-28', 'c d e f g'],
  ['createdDateTime lt now()', 'a b c d'],
  ['createdDateTime ge now()', 'e f g'],
  ["createdDateTime ge now() sub duration'PT0.0000001S'", 'd e f g'],
  ['createdDateTime in (2026-01-01, 2026-02-28T05:06:07.0000001Z)', 'b c'],
  ['year(createdDateTime) eq 2026 and month(createdDateTime) eq 2 and day(createdDateTime) eq 28', 'c'],
  ['hour(createdDateTime) eq 5 and minute(createdDateTime) eq 6 and second(createdDateTime) eq 7', 'c'],
  ['date(createdDateTime) eq 2026-11-23', 'd e f'],
  ['time(createdDateTime) eq 12:00:00', 'e'],
  ['time(createdDateTime) gt 23:00:00', 'a g'],
  ['year(createdDateTime) add 1 eq 10000', 'g'],
  // Lists.
  ["displayName in ('ALPHA', 'İstanbul', 'x')", 'a f'],
  ["displayName in ('alpha', null)", 'a d'],
  ['displayName in (null)', 'd'],
  ["not (displayName in ('alpha', null))", 'b c e f g'],
  ["not (displayName in ('alpha'))", 'b c d e f g'],
  ["id in ('Id-a', 'ID-B')", 'a'],
  ['retryCount in (0, 3, 1.5)', 'a b e g'],
  ["runAsAccount in ('user')", 'd e'],
  ["displayName in (description, 'alpha')", 'a d'],
  // Texts.
  ["contains(displayName,'LPHA')", 'a b'],
  ["not contains(displayName,'LPHA')", 'c d e f g'],
  ["contains(displayName,'')", 'a b c e f g'],
  ["contains(description,'%')", 'e'],
  ["contains(description,'_')", 'e'],
  ["contains(description,'\\')", 'f'],
  ["contains(description,'''SO''')", 'f'],
  ["contains(displayName,'\u{1F600}X')", 'c'],
  ['contains(displayName,null)', ''],
  ['not contains(displayName,null)', 'a b c d e f g'],
  ["startswith(displayName,'AL')", 'a'],
  ["startswith(displayName,'Ä')", 'b'],
  ["startswith(displayName,'')", 'a b c e f g'],
  ["startswith(displayName,'beta\u{1F600}')", 'c'],
  ["startswith(displayName,'\u{10FFFF}')", ''],
  ["not startswith(displayName,'al')", 'b c d e f g'],
  ["startswith(fileName,'A.')", 'a'],
  ['startswith(displayName,description)', 'b'],
  ["startswith('ALPHAbet',displayName)", 'a'],
  ['startswith(displayName,null)', ''],
  ["endswith(displayName,'X')", 'c'],
  ["endswith(displayName,'Σ')", ''],
  ["endswith(displayName,'ΕΥΣ')", 'g'],
  ["endswith(displayName,'')", 'a b c e f g'],
  ["endswith(displayName,'much longer than any of the names')", ''],
  ['endswith(displayName,null)', ''],
  ["startswith(id,'Id-')", 'a b c d e f g'],
  ["startswith(id,'ID-')", ''],
  ["startswith(id,'Id-\u{10FFFF}')", ''],
  ["startswith(tolower(id),'ID-')", 'a b c d e f g'],
  ["contains(id,'D-A')", ''],
  ["endswith(id,'-A')", ''],
  ['length(displayName) eq 6', 'c'],
  ['length(displayName) gt length(description)', 'b c e g'],
  ['length(null) eq 1', ''],
  ["indexof(displayName,'X') eq 5", 'c'],
  ["indexof(displayName,'nowhere') eq -1", 'a b c e f g'],
  ["substring(displayName,1) eq 'LPHA'", 'a'],
  ["substring(displayName,4,1) eq '\u{1F600}'", 'c'],
  ["substring(displayName,-3,2) eq 'al'", 'a'],
  ["substring(displayName,1,-2) eq ''", 'a b c e f g'],
  ["substring(displayName,99) eq ''", 'a b c e f g'],
  ["substring(displayName,null) eq 'x'", ''],
  ["substring(displayName,99999999999) eq ''", 'a b c e f g'],
  ["substring(displayName,1,99999999999) eq 'LPHA'", 'a'],
  ["substring(displayName,retryCount) eq ''", 'c'],
  ["substring(displayName,retryCount add 1,1) eq 'A'", 'a'],
  ["endswith(trim(displayName),concat('',trim('D')))", 'e'],
  ["trim(displayName) eq 'PADDED'", 'e'],
  ["tolower(displayName) eq toupper('alPHA')", 'a'],
  ["concat(displayName,concat('-',description)) eq 'ΟΔΥΣΣΕΥΣ-strasse'", 'g'],
  ["concat(id,'!') eq 'Id-b!'", 'b'],
  ["concat(null,null) eq 'a'", ''],
  ['concat(displayName,null) eq null', 'a b c d e f g'],
  // Sums.
  ['retryCount add 1 eq 4', 'a e'],
  ['retryCount sub 10 eq -7', 'a e'],
  ['-retryCount eq 7', 'd'],
  ['retryCount mul retryCount gt 4000000000', 'c'],
  ['retryCount add retryCount gt 4000000000', 'c'],
  ['length(displayName) mul 1000000000 gt 5500000000', 'b c e f g'],
  ['retryCount div 2 eq 1', 'a e'],
  ['retryCount div 2 eq -3', 'd'],
  ['retryCount div 2.0 eq 2.5', 'f'],
  ['retryCount divby 2 eq 1.5', 'a e'],
  ['retryCount divby 3 mul 3 eq 5', 'f'],
  ['retryCount mul 0.1 lt 0.30001 and retryCount gt 0', 'a e'],
  ['retryCount mod 4 eq -3', 'd'],
  ['retryCount mod 1.5 eq 0.5', 'f'],
  ['retryCount div 0 eq 1', ''],
  ['not (retryCount div 0 eq 1)', 'a b c d e f g'],
  ['retryCount divby 0 eq null', 'a b c d e f g'],
  ['retryCount mod 0 eq 0', ''],
  // Collections of values.
  ["roleScopeTagIds/any(t:t eq 'Tag')", 'b'],
  ["roleScopeTagIds/any(t:t eq 'TAG')", ''],
  ["roleScopeTagIds/any(t:tolower(t) eq 'TAG')", 'b'],
  ["roleScopeTagIds/any(t:tolower(t) eq 'οδυσσευς')", 'g'],
  ["roleScopeTagIds/any(t:startswith(t,'Ta'))", 'b'],
  ['roleScopeTagIds/any()', 'a b e f g'],
  ["roleScopeTagIds/all(t:t eq '0')", 'a c d e f'],
  ["not roleScopeTagIds/any(t:t eq '0')", 'c d g'],
  ['roleScopeTagIds/$count eq 2', 'b'],
  ['roleScopeTagIds/$count eq 0', 'c d'],
  ["roleScopeTagIds/any(t:t in ('Tag', 'x'))", 'b'],
  ['roleScopeTagIds/any(t:t eq displayName)', 'g'],
  // Collections of entities.
  ['userRunStates/any()', 'a b'],
  ['not userRunStates/any()', 'c d e f g'],
  ['userRunStates/any(u:u/errorDeviceCount gt 2)', 'a'],
  ["userRunStates/any(u:startswith(u/userPrincipalName,'ZO'))", 'b'],
  ['userRunStates/all(u:u/userPrincipalName ne null)', 'b c d e f g'],
  ['userRunStates/$count gt 1', 'a'],
  ['userRunStates/$count($filter=errorDeviceCount gt 0) eq 1', 'a b'],
  ["userRunStates/any(u:u/deviceRunStates/any(d:d/runState eq 'fail'))", 'a'],
  ['userRunStates/any(u:u/deviceRunStates/$count eq 1 and u/errorDeviceCount eq retryCount)', 'a'],
  ['userRunStates/any(u:u/errorDeviceCount eq $it/retryCount)', 'a'],
  ["deviceRunStates/any(d:d/managedDevice/deviceName eq 'MAC-1')", 'a'],
  ['deviceRunStates/any(d:d/managedDevice/deviceName eq null)', 'a b'],
  ['deviceRunStates/all(d:d/managedDevice/osVersion ne null)', 'c d e f g'],
  ["deviceRunStates/any(d:contains(d/resultMessage,'οδυσσευς'))", 'a'],
  ['runSummary/successDeviceCount eq 5', 'a'],
  ['runSummary/successDeviceCount eq 0', 'b'],
  ['runSummary/errorDeviceCount lt 1', 'a'],
  ['runSummary/errorDeviceCount eq null', 'c d e f g'],
  ["assignments/any(a:a/target/groupId eq 'G1')", 'a'],
  ["assignments/any(a:a/target/microsoft.graph.groupAssignmentTarget/groupId eq 'G2')", 'c'],
  ['assignments/any(a:a/target/microsoft.graph.exclusionGroupAssignmentTarget/groupId ne null)', 'c'],
  ['assignments/any(a:a/target eq null)', 'c'],
  ['assignments/any(a:a/target/microsoft.graph.groupAssignmentTarget ne null)', 'a c'],
  ["groupAssignments/any(g:g/targetGroupId eq 'G1')", 'a'],
  ['groupAssignments/$count eq 1', 'a'],
  ["assignments/any(a:a/target/deviceAndAppManagementAssignmentFilterType eq 'include')", 'a b c'],
]

const ofDeviceStates: Cases = [
  ["runState in ('fail','scriptError')", 'd2 d3'],
  ["managedDevice/deviceName eq 'pc-2'", 'd3'],
  ['managedDevice/deviceName eq null', 'd2 d4'],
  ["managedDevice/model ne 'x1'", 'd1 d2 d4'],
  ["managedDevice/id eq 'M1'", 'd1'],
  ["managedDevice/id eq 'm1'", ''],
  ["managedDevice/userId in ('U-1')", 'd1 d3'],
  ["resultMessage eq 'DONE οδυσσευς'", 'd1'],
  ['length(resultMessage) eq 0', 'd3'],
]

const ofHealthAssignments: Cases = [
  ['runSchedule/interval gt 0', 'h1 h2'],
  ['runSchedule/time eq 11:58:36.255', 'h2'],
  ['runSchedule/time lt 11:58:36.255', 'h3'],
  [
    'hour(runSchedule/time) eq 11 and minute(runSchedule/time) eq 58 and second(runSchedule/time) eq 36',
    'h2',
  ],
  ['runSchedule/date eq 2026-02-28', 'h3'],
  ['month(runSchedule/date) eq 2', 'h3'],
  ['runSchedule/useUtc', 'h2'],
  ['not runSchedule/useUtc', 'h1 h3 h4'],
  ['runSchedule/microsoft.graph.deviceHealthScriptTimeSchedule/interval ge 0', 'h2 h3'],
  ['runSchedule eq null', 'h4'],
  ['runRemediationScript', 'h2'],
]

const groups: readonly (readonly [type: EntityType, cases: Cases])[] = [
  [types.shell, ofScripts],
  [types.deviceState, ofDeviceStates],
  [types.healthAssignment, ofHealthAssignments],
]

interface Case {
  readonly type: EntityType
  readonly filter: string
  readonly found: string
  readonly plan: Plan
}

const cases = groups.flatMap(([type, list]) =>
  list.map(([filter, found]): Case => {
    const condition = filterOf(type, filter)
    const plan = { kind: 'select', type, within: { tenant: 1 }, only: 'position', condition } as const
    return { type, filter, found, plan }
  }),
)

/** The rows that were found, a script as its letter. */
function nameRows({ type }: Case, positions: readonly unknown[]): string {
  const names = positions.map((position) =>
    type === types.shell ? ` abcdefg`.charAt(Number(position)) : String(position),
  )
  return names.join(' ')
}

test('every condition finds the same rows on SQLite', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  for (const plan of queryRows) connection.run(plan)
  const found = cases.map((each) => {
    const rows = connection.run(each.plan)
    return [
      each.filter,
      nameRows(
        each,
        rows.map((row) => row[POSITION]),
      ),
    ]
  })
  assert.deepEqual(
    found,
    cases.map(({ filter, found: expected }) => [filter, expected]),
  )
})

test('every condition is prepared and finds the same rows on PostgreSQL', { skip: noPostgres }, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  await database.executeAll(queryRows.map((plan) => compile(plan, postgres)))
  const rows = await database.executeAll(cases.map(({ plan }) => compile(plan, postgres)))
  const found = cases.map((each, i) => [each.filter, nameRows(each, rows[i] ?? [])])
  assert.deepEqual(
    found,
    cases.map(({ filter, found: expected }) => [filter, expected]),
  )
})
