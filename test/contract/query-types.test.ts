/** `$filter` by times, durations, enumerations, collections, navigations and complex values, of every collection. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowsOf } from './families.ts'
import { ask, GROUPS, testFilters, usePopulation } from './queries.ts'

const [one, two, three] = ['one.sh', 'TWO.sh', 'three.SH']

describe('times and durations', () => {
  const population = usePopulation()
  testFilters(population, 'shell', [
    ['createdDateTime eq 2026-01-31T23:59:58.5Z', one],
    ['createdDateTime eq 2026-01-31T23:59:58.5000000Z', one],
    ['createdDateTime eq 2026-02-01T01:59:58.5+02:00', one],
    ['createdDateTime gt 2026-01-31T23:59:58.5Z', two, three],
    ['createdDateTime lt 2026-01-31T23:59:58.5000001Z', one],
    ['createdDateTime ge 2026-02-01', two, three],
    ['2026-02-01 gt createdDateTime', one],
    ['createdDateTime in (2026-01-31T23:59:58.5Z,2026-02-02)', one],
    ['year(createdDateTime) eq 2026 and month(createdDateTime) eq 1', one],
    ['month(createdDateTime) eq 2', two, three],
    ['day(createdDateTime) eq 31', one],
    ['hour(createdDateTime) eq 0', two],
    ['minute(createdDateTime) eq 59', one, two, three],
    ['second(createdDateTime) eq 58', one, two, three],
    ['date(createdDateTime) eq 2026-01-31', one],
    ['date(createdDateTime) ge 2026-02-02', two, three],
    ['time(createdDateTime) eq 23:59:58.5', one],
    ['time(createdDateTime) lt 01:00', two],
    ['hour(time(createdDateTime)) eq 23', one],
    ['year(date(createdDateTime)) eq 2026', one, two, three],
    ['year(2020-02-29) eq 2020', one, two, three],
    ['createdDateTime le now()', one, two, three],
    ['createdDateTime eq now()', three],
    ["createdDateTime ge now() sub duration'P1DT1H'", two, three],
    ["createdDateTime lt now() sub duration'P1DT1H'", one],
    ["now() add duration'-P2DT2H' eq createdDateTime", one],
    ["createdDateTime eq 2026-01-31T00:00:00Z add duration'PT23H59M58.5S'", one],
    ['date(now()) gt date(createdDateTime)', one, two],
    ["executionFrequency eq duration'PT1H'", one],
    ["executionFrequency eq duration'PT60M'", one],
    ["executionFrequency ge duration'PT1H'", one, three],
    ["executionFrequency eq duration'PT24H'", three],
    ["executionFrequency in (duration'PT15M',duration'P1D')", two, three],
    ['createdDateTime ne lastModifiedDateTime'],
  ])
  testFilters(population, 'deviceStates', [
    ['lastStateUpdateDateTime eq 2026-08-22T02:15:30.1234567Z', 2],
    ['lastStateUpdateDateTime gt 2026-08-22T02:15:30.1234567Z', 3, 4],
    ['hour(lastStateUpdateDateTime) eq errorCode', 1, 2, 3, 4],
    ['day(lastStateUpdateDateTime) sub 20 eq errorCode', 1, 2, 3, 4],
    ['time(lastStateUpdateDateTime) gt 02:15:30.1234566', 2, 3, 4],
  ])
})

describe('enumerations', () => {
  const population = usePopulation()
  testFilters(population, 'deviceStates', [
    ["runState eq 'fail'", 1, 3],
    ["'fail' eq runState", 1, 3],
    ["runState eq microsoft.graph.runState'fail'", 1, 3],
    ["runState eq Microsoft.Graph.RunState'fail'", 1, 3],
    ["runState ne 'fail'", 2, 4],
    ["runState in ('success',microsoft.graph.runState'pending')", 2, 4],
    ["runState gt 'fail'", 4],
    ["not (runState eq 'notApplicable')", 1, 2, 3, 4],
    ["runState eq '2'", 1, 3],
    ['runState eq null'],
    ['runState eq runState', 1, 2, 3, 4],
  ])
  testFilters(population, 'attributes', [
    ["customAttributeType eq 'dateTime'", one],
    ["customAttributeType eq microsoft.graph.deviceCustomAttributeValueType'string'", two],
    ["runAsAccount eq 'system'", one],
    ["customAttributeName eq 'GRÖßE'", one],
    ["customAttributeName ge 'shoe'", two],
  ])
})

describe('values and rows below', () => {
  const population = usePopulation()
  testFilters(population, 'shell', [
    ["roleScopeTagIds/any(t:t eq 'Tag')", one],
    ["roleScopeTagIds/any(t:t eq 'tag')"],
    ["roleScopeTagIds/any(t:tolower(t) eq 'TAG')", one],
    ["roleScopeTagIds/any(t:startswith(t,'T'))", one],
    ["roleScopeTagIds/any(t:t eq '0' and length(displayName) eq 14)", one],
    ["roleScopeTagIds/all(t:t eq '0')", two, three],
    ['roleScopeTagIds/any()', one, two],
    ['not roleScopeTagIds/any()', three],
    ['roleScopeTagIds/$count eq 2', one],
    ['roleScopeTagIds/$count lt 2', two, three],
    ["ROLESCOPETAGIDS/ANY(t:t in ('0','Tag'))", one, two],
    ['roleScopeTagIds/any(a:$it/roleScopeTagIds/any(b:a ne b))', one],
    ["assignments/any(a:a/target/groupId eq 'aaaaaaaa-0000-4000-8000-000000000001')", one],
    ["assignments/any(a:a/target/groupId eq 'AAAAAAAA-0000-4000-8000-000000000001')"],
    ['assignments/any()', one],
    ['assignments/all(a:a/target ne null)', one, two, three],
    ['not assignments/all(a:a/target/groupId ne null)', one],
    ['assignments/$count eq 3', one],
    ['assignments/$count($filter=target/groupId ne null) eq 2', one],
    ['assignments/$count(filter=target/groupId eq null) gt 0', one],
    ['groupAssignments/$count eq 1', one],
    [`groupAssignments/any(g:g/targetGroupId eq '${GROUPS.first}')`, one],
    ["deviceRunStates/any(d:d/runState eq 'fail')", one],
    ["deviceRunStates/any(d:d/runState eq 'fail' and d/errorCode gt retryCount)"],
    ['deviceRunStates/any(d:d/errorCode lt $it/retryCount)', one],
    ['deviceRunStates/all(d:d/errorCode gt 0)', one, two, three],
    ["deviceRunStates/any(d:d/managedDevice/deviceName eq 'DESKTOP')", one],
    ['userRunStates/any(u:u/userPrincipalName eq null)', one],
    ["userRunStates/any(u:u/deviceRunStates/any(d:d/runState eq 'pending'))", one],
    ['userRunStates/any(u:u/deviceRunStates/$count eq u/successDeviceCount)', one],
    ['userRunStates/any(u:u/deviceRunStates/any(d:d/errorCode eq u/errorDeviceCount sub 1))', one],
    [
      "userRunStates/any(u:u/deviceRunStates/all(d:d/runState eq 'success') and u/errorDeviceCount gt 0)",
      one,
    ],
    ['userRunStates/$count($filter=deviceRunStates/any(d:d/errorCode eq 3)) eq 1', one],
    ['runSummary/errorDeviceCount gt 1', one],
    ['runSummary/errorDeviceCount eq 0', two, three],
    ['runSummary/errorDeviceCount add runSummary/errorUserCount eq 4', one],
    ['RunSummary/SuccessDeviceCount eq 1', one],
  ])
  testFilters(population, 'userStates', [
    ["deviceRunStates/any(d:d/runState eq 'fail')", 2],
    ['deviceRunStates/any()', 2],
    ["deviceRunStates/all(d:d/runState eq 'fail')", 1, 3],
    ['deviceRunStates/$count eq 2', 2],
    ["deviceRunStates/$count($filter=runState eq 'fail') eq 1", 2],
    ['deviceRunStates/any(d:d/errorCode eq successDeviceCount add 1)', 2],
    ["deviceRunStates/any(d:d/managedDevice/model eq 'büro 600')", 2],
    ["endswith(userPrincipalName,'@CONTOSO.com')", 1, 2],
    ["startsWith(userPrincipalName, 'ADA')", 1],
    ['errorDeviceCount gt 0 and userPrincipalName eq null', 3],
  ])
  testFilters(population, 'nested', [
    ["runState eq 'fail'", 3],
    ['errorCode lt 3'],
    ['managedDevice/deviceName eq null', 3, 4],
    ["managedDevice/model eq 'Büro 600'", 3],
    ["contains(resultMessage,'for')", 4],
  ])
  testFilters(population, 'deviceStates', [
    ["managedDevice/deviceName eq 'laptop-ä'", 1],
    ["managedDevice/deviceName ne 'laptop-ä'", 2, 3, 4],
    ['managedDevice/deviceName eq null', 3, 4],
    ['managedDevice/id eq null', 4],
    ["startswith(managedDevice/model,'BÜRO')", 1, 3],
    ["MANAGEDDEVICE/SerialNumber ge 'B'", 2, 3],
  ])
})

describe('complex values and the other collections', () => {
  const population = usePopulation()
  const { first, second } = GROUPS
  testFilters(population, 'groupAssignments', [
    [`targetGroupId eq '${first}'`, first],
    [`targetGroupId eq '${first.toUpperCase()}'`],
    [`startswith(targetGroupId,'aaaa')`, first],
    [`startswith(targetGroupId,'AAAA')`],
    [`startswith(targetGroupId,'')`, first],
    [`targetGroupId ne null`, first],
  ])
  testFilters(population, 'devices', [
    ["deviceName eq 'DESKTOP'", 'B2'],
    ['model eq null or deviceName eq null', 'B2', 'c3'],
    ["startswith(model,'büro')", 'A1', 'c3'],
    ["serialNumber ge 'b'", 'B2', 'c3'],
    ['enrolledDateTime gt 2026-02-03', 'A1', 'B2', 'c3'],
    ["contains(deviceName,'Ä') and endswith(model,'500')", 'A1'],
  ])
  testFilters(population, 'windows', [
    ['enforceSignatureCheck eq true', one],
    ['runAs32Bit', one, two],
    ['runAs32Bit and not enforceSignatureCheck', two],
    ["runAsAccount eq 'user' and contains(displayName, 'UPDATE')", two],
  ])
  testFilters(population, 'health', [
    ["publisher eq 'contoso'", 'Contoso'],
    ['runAs32Bit eq true', 'Contoso'],
    ["deviceHealthScriptType eq 'deviceHealthScript'", 'Contoso', 'FABRIKAM'],
    ['assignments/$count eq 2', 'Contoso'],
    ['assignments/any(a:a/runSchedule/interval eq 8)', 'Contoso'],
    ["deviceRunStates/any(s:s/remediationState eq 'skipped')", 'Contoso'],
    ['runSummary/issueRemediatedDeviceCount eq 1', 'Contoso'],
    ['runSummary/lastScriptRunDateTime eq null', 'FABRIKAM'],
    ['runSummary/lastScriptRunDateTime gt now()', 'Contoso'],
  ])
  testFilters(population, 'healthStates', [
    ["detectionState eq 'fail'", 'success'],
    ["remediationState eq microsoft.graph.remediationState'skipped'", 'skipped'],
    ['expectedStateUpdateDateTime eq null', 'skipped'],
    ['expectedStateUpdateDateTime gt 2026-08-31', 'success'],
    ["assignmentFilterIds/any(f:f eq 'F1')", 'success'],
    ["assignmentFilterIds/any(f:f eq 'F2')"],
    ['assignmentFilterIds/$count eq 0', 'skipped'],
    ['managedDevice/deviceName eq null', 'success', 'skipped'],
  ])

  const GROUP = 'groupAssignmentTarget'
  const EXCLUSION = 'exclusionGroupAssignmentTarget'
  const DEVICES = 'allDevicesAssignmentTarget'
  for (const [filter, ...kinds] of [
    [`target/groupId eq '${first}'`, GROUP],
    [`target/groupId eq '${first.toUpperCase()}'`],
    [`TARGET/GROUPID eq '${second}'`, EXCLUSION],
    ["startswith(target/groupId,'AAAA')", EXCLUSION],
    ["startswith(tolower(target/groupId),'AAAA')", GROUP, EXCLUSION],
    ['target/groupId eq null', DEVICES],
    ['target/groupId ne null', GROUP, EXCLUSION],
    ['target ne null', GROUP, EXCLUSION, DEVICES],
    ['target eq null'],
    [`target/microsoft.graph.groupAssignmentTarget/groupId ne null`, GROUP, EXCLUSION],
    [`target/Microsoft.Graph.GroupAssignmentTarget/GroupId ne null`, GROUP, EXCLUSION],
    [`target/microsoft.graph.exclusionGroupAssignmentTarget/groupId ne null`, EXCLUSION],
    ['target/microsoft.graph.exclusionGroupAssignmentTarget ne null', EXCLUSION],
    ['target/microsoft.graph.allDevicesAssignmentTarget ne null', DEVICES],
    ['not (target/microsoft.graph.groupAssignmentTarget ne null)', DEVICES],
    ["target/deviceAndAppManagementAssignmentFilterType eq 'include'", DEVICES],
    [
      "target/microsoft.graph.groupAssignmentTarget/deviceAndAppManagementAssignmentFilterType eq 'none'",
      ...[GROUP, EXCLUSION],
    ],
    [
      'target/microsoft.graph.groupAssignmentTarget/deviceAndAppManagementAssignmentFilterType eq null',
      DEVICES,
    ],
    ["target/deviceAndAppManagementAssignmentFilterId eq 'Filter'", DEVICES],
    ["target/deviceAndAppManagementAssignmentFilterId eq 'FILTER'"],
    ["contains(id,':aaaaaaaa')", GROUP],
  ] as const) {
    test(`finds targets of ${kinds.join(', ') || 'no kind'}: ${filter}`, async () => {
      const { runstate, paths } = population()
      const rows = rowsOf(await ask(runstate, paths.assignments, { $filter: filter }))
      const types = rows.map(({ target }) => /\w+AssignmentTarget/.exec(JSON.stringify(target))?.[0])
      assert.deepEqual(types.sort(), kinds.toSorted())
    })
  }

  for (const [filter, ...intervals] of [
    ['runSchedule/interval eq 8', 8],
    ['runSchedule/interval lt 8', 1],
    ['runSchedule/useUtc eq true', 8],
    ['runSchedule/useUtc', 8],
    ['not runSchedule/useUtc', 1],
    ['runSchedule/time eq 16:00', 1],
    ['runSchedule/time eq 11:58:36', 8],
    ['hour(runSchedule/time) eq 11 and minute(runSchedule/time) eq 58 and second(runSchedule/time) eq 36', 8],
    ['runSchedule/date eq 2026-04-30', 1],
    ['year(runSchedule/date) eq 2026', 1],
    ['runSchedule/date eq null', 8],
    ['runSchedule/microsoft.graph.deviceHealthScriptTimeSchedule/time ne null', 8, 1],
    ['runSchedule/microsoft.graph.deviceHealthScriptDailySchedule/interval ge 0', 8],
    ['runSchedule/microsoft.graph.deviceHealthScriptHourlySchedule ne null'],
    ['runRemediationScript and runSchedule ne null', 8, 1],
    [`target/groupId eq '${first}'`, 8],
  ] as const) {
    test(`finds schedules of ${intervals.join(', ') || 'no interval'}: ${filter}`, async () => {
      const { runstate, paths } = population()
      const rows = rowsOf(await ask(runstate, paths.healthAssignments, { $filter: filter }))
      const found = rows.map(({ runSchedule }) => /"interval":(\d+)/.exec(JSON.stringify(runSchedule))?.[1])
      assert.deepEqual(found.sort(), intervals.map(String).sort())
    })
  }
})
