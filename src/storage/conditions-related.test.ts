/** The SQL of what conditions ask of other rows, and of complex values. */
import { testConditions } from '../../test/support/pinned-conditions.ts'
import { types } from '../../test/support/storage.ts'

testConditions([
  {
    ...{ name: 'any value', filter: 'roleScopeTagIds/any()' },
    postgres:
      'EXISTS (SELECT 1 FROM json_array_elements_text(script.role_scope_tag_ids::json) AS v1(value) WHERE 1 = 1)',
    sqlite: 'EXISTS (SELECT 1 FROM json_each(script.role_scope_tag_ids) AS v1 WHERE deadline())',
    values: [],
  },
  {
    ...{ name: 'any value that', filter: "roleScopeTagIds/any(t:t eq 'A')" },
    postgres:
      'EXISTS (SELECT 1 FROM json_array_elements_text(script.role_scope_tag_ids::json) AS v1(value) WHERE 1 = 1 AND v1.value COLLATE "C" = $1::text)',
    sqlite:
      'EXISTS (SELECT 1 FROM json_each(script.role_scope_tag_ids) AS v1 WHERE deadline() AND v1.value = ?1)',
    values: ['A'],
  },
  {
    ...{ name: 'any value in any case that', filter: "roleScopeTagIds/any(t:tolower(t) eq 'A')" },
    postgres:
      'EXISTS (SELECT 1 FROM json_array_elements_text(script.role_scope_tag_ids::json) AS v1(value) WHERE 1 = 1 AND lower(v1.value COLLATE "C" COLLATE "und-x-icu") COLLATE "C" = $1::text)',
    sqlite:
      'EXISTS (SELECT 1 FROM json_each(script.role_scope_tag_ids) AS v1 WHERE deadline() AND fold(v1.value) = ?1)',
    values: ['a'],
  },
  {
    ...{ name: 'all values', filter: "roleScopeTagIds/all(t:t eq 'A')" },
    postgres:
      'NOT EXISTS (SELECT 1 FROM json_array_elements_text(script.role_scope_tag_ids::json) AS v1(value) WHERE 1 = 1 AND (v1.value COLLATE "C" = $1::text) IS NOT TRUE)',
    sqlite:
      'NOT EXISTS (SELECT 1 FROM json_each(script.role_scope_tag_ids) AS v1 WHERE deadline() AND (v1.value = ?1) IS NOT TRUE)',
    values: ['A'],
  },
  {
    ...{ name: 'the number of values', filter: 'roleScopeTagIds/$count gt 1' },
    postgres:
      '(SELECT COUNT(*) FROM json_array_elements_text(script.role_scope_tag_ids::json) AS v1(value) WHERE 1 = 1) > $1::bigint',
    sqlite: '(SELECT COUNT(*) FROM json_each(script.role_scope_tag_ids) AS v1 WHERE deadline()) > ?1',
    values: [1n],
  },
  {
    ...{ name: 'any entity', filter: 'userRunStates/any()' },
    postgres:
      'EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number)',
    sqlite:
      'EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline())',
    values: [],
  },
  {
    ...{ name: 'any entity that', filter: 'userRunStates/any(u:u/errorDeviceCount gt retryCount)' },
    postgres:
      'EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND v1.error_device_count > script.retry_count)',
    sqlite:
      'EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline() AND v1.error_device_count > script.retry_count)',
    values: [],
  },
  {
    ...{ name: 'all entities', filter: 'userRunStates/all(u:u/errorDeviceCount eq 0)' },
    postgres:
      'NOT EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND (v1.error_device_count = $1::bigint) IS NOT TRUE)',
    sqlite:
      'NOT EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline() AND (v1.error_device_count = ?1) IS NOT TRUE)',
    values: [0n],
  },
  {
    ...{ name: 'the number of entities', filter: 'userRunStates/$count gt 1' },
    postgres:
      '(SELECT COUNT(*) FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number) > $1::bigint',
    sqlite:
      '(SELECT COUNT(*) FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline()) > ?1',
    values: [1n],
  },
  {
    ...{
      name: 'the number of entities that',
      filter: 'userRunStates/$count($filter=errorDeviceCount gt 0) gt 1',
    },
    postgres:
      '(SELECT COUNT(*) FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND v1.error_device_count > $1::bigint) > $2::bigint',
    sqlite:
      '(SELECT COUNT(*) FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline() AND v1.error_device_count > ?1) > ?2',
    values: [0n, 1n],
  },
  {
    ...{
      name: 'entities below entities, linked',
      filter: "userRunStates/any(u:u/deviceRunStates/any(d:d/runState eq 'fail'))",
    },
    postgres:
      'EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND EXISTS (SELECT 1 FROM device_state AS v2 WHERE v2.tenant = v1.tenant AND v2.script = v1.script AND v2.user_state = v1.id AND v2.run_state = $1::bigint))',
    sqlite:
      'EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline() AND EXISTS (SELECT 1 FROM device_state AS v2 WHERE v2.tenant = v1.tenant AND v2.script = v1.script AND v2.user_state = v1.id AND deadline() AND v2.run_state = ?1))',
    values: [2n],
  },
  {
    ...{ name: 'entities of some in their table', filter: 'groupAssignments/any()' },
    postgres:
      'EXISTS (SELECT 1 FROM assignment AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND v1.target_type = $1)',
    sqlite:
      'EXISTS (SELECT 1 FROM assignment AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND v1.target_type = ?1 AND deadline())',
    values: ['groupAssignmentTarget'],
  },
  {
    ...{ name: 'what entities refer to', filter: "deviceRunStates/any(d:d/managedDevice/deviceName eq 'A')" },
    postgres:
      'EXISTS (SELECT 1 FROM device_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND (SELECT v1_manageddevice.device_name_fold FROM managed_device AS v1_manageddevice WHERE v1_manageddevice.tenant = v1.tenant AND v1_manageddevice.id = v1.managed_device) = $1::text)',
    sqlite:
      'EXISTS (SELECT 1 FROM device_state AS v1 WHERE v1.tenant = script.tenant AND v1.script = script.number AND deadline() AND (SELECT v1_manageddevice.device_name_fold FROM managed_device AS v1_manageddevice WHERE v1_manageddevice.tenant = v1.tenant AND v1_manageddevice.id = v1.managed_device) = ?1)',
    values: ['a'],
  },
  {
    ...{ name: 'a member of a summary', filter: 'runSummary/errorDeviceCount gt 0' },
    postgres:
      '(SELECT CASE WHEN SUM(script_runsummary.error_device_count) < 0 THEN 0 WHEN SUM(script_runsummary.error_device_count) > 2147483647 THEN 2147483647 ELSE SUM(script_runsummary.error_device_count) END FROM run_summary AS script_runsummary WHERE script_runsummary.tenant = script.tenant AND script_runsummary.script = script.number) > $1::bigint',
    values: [0n],
  },
  {
    ...{ name: 'a member of a complex value', filter: "target/groupId eq 'A'", type: types.assignment },
    postgres: 'assignment.target_group_id = $1::text',
    values: ['A'],
  },
  {
    ...{
      name: 'a member of a type of a complex value',
      filter: "target/microsoft.graph.groupAssignmentTarget/groupId eq 'A'",
      type: types.assignment,
    },
    postgres: 'CASE WHEN assignment.target_type IN ($1, $2) THEN assignment.target_group_id END = $3::text',
    values: ['groupAssignmentTarget', 'exclusionGroupAssignmentTarget', 'A'],
  },
  {
    ...{ name: 'a complex value that is null', filter: 'target eq null', type: types.assignment },
    postgres: 'assignment.target_type IS NULL',
    values: [],
  },
])
