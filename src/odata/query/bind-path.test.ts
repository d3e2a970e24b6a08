import {
  type BoundExpression,
  type RefusedExpression,
  testExpressions,
} from '../../../test/support/shown-conditions.ts'

const bound: readonly BoundExpression[] = [
  ["$it/displayName eq 'A'", "(eq script.display_name?:text 'A':text)"],
  ["microsoft.graph.deviceShellScript/displayName eq 'A'", "(eq script.display_name?:text 'A':text)"],
  ['roleScopeTagIds/any()', '(any script/roleScopeTagIds v1)'],
  ["roleScopeTagIds/any(t:t eq '0')", "(any script/roleScopeTagIds v1 (eq v1:text '0':text))"],
  [
    'roleScopeTagIds/all(t:contains(t,displayName))',
    '(all script/roleScopeTagIds v1 (contains v1:text script.display_name?:text))',
  ],
  ['roleScopeTagIds/$count gt 1', '(gt (count script/roleScopeTagIds v1) 1:number)'],
  [
    'userRunStates/any(u:u/errorDeviceCount gt retryCount)',
    '(any script/userRunStates v1 (gt v1.error_device_count:number script.retry_count:number))',
  ],
  [
    'userRunStates/any(u:u/errorDeviceCount gt $it/retryCount)',
    '(any script/userRunStates v1 (gt v1.error_device_count:number script.retry_count:number))',
  ],
  [
    "UserRunStates/ALL(u:u/deviceRunStates/any(d:d/runState eq 'fail' and u/errorDeviceCount gt 0))",
    '(all script/userRunStates v1 (any v1/deviceRunStates v2 (and (eq v2.run_state:enumeration 2:enumeration) (gt v1.error_device_count:number 0:number))))',
  ],
  [
    'userRunStates/$count($filter=errorDeviceCount gt 0 and deviceRunStates/$count gt 1) eq 1',
    '(eq (count script/userRunStates v1 (and (gt v1.error_device_count:number 0:number) (gt (count v1/deviceRunStates v2) 1:number))) 1:number)',
  ],
  [
    "userRunStates/any(u:userRunStates/any(u:u/id eq 'a'))",
    "(any script/userRunStates v1 (any script/userRunStates v2 (eq v2.id=:text 'a':text)))",
  ],
  [
    "deviceRunStates/any(d:d/managedDevice/deviceName eq 'a')",
    "(any script/deviceRunStates v1 (eq v1/managedDevice.device_name?:text 'a':text))",
  ],
  ['runSummary/errorDeviceCount gt 1', '(gt script/runSummary.error_device_count?:number 1:number)'],
  ["managedDevice/id eq 'a'", "(eq device_state/managedDevice.id?=:text 'a':text)", 'deviceState'],
  ["contains(resultMessage,'a')", "(contains device_state.result_message?:text 'a':text)", 'deviceState'],
  ["target/groupId eq 'a'", "(eq assignment.target_group_id?=:text 'a':text)", 'assignment'],
  [
    "target/microsoft.graph.groupAssignmentTarget/groupId eq 'a'",
    "(eq assignment.target_group_id{groupAssignmentTarget|exclusionGroupAssignmentTarget}?=:text 'a':text)",
    'assignment',
  ],
  ['target eq null', '(eq assignment.target_type?:complex null:null)', 'assignment'],
  [
    'microsoft.graph.deviceManagementScriptAssignment/target/microsoft.graph.groupAssignmentTarget eq null',
    '(eq assignment.target_type{groupAssignmentTarget|exclusionGroupAssignmentTarget}?:complex null:null)',
    'assignment',
  ],
  [
    'runSchedule/time lt 12:00:00',
    "(lt health_assignment.run_schedule_time?:timeOfDay '12:00:00.0000000':timeOfDay)",
    'healthAssignment',
  ],
  [
    'runSchedule/date eq 2026-01-01',
    "(eq health_assignment.run_schedule_date?:date '2026-01-01':date)",
    'healthAssignment',
  ],
]

const refused: readonly RefusedExpression[] = [
  [
    "nonsense eq 'a'",
    "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceShellScript'",
    0,
  ],
  ["displayName/x eq 'a'", "Could not find a property named 'x' on type 'Edm.String'", 0],
  [
    "$it eq 'a'",
    "The path leads to an entity of the type 'microsoft.graph.deviceShellScript', which has no value to compare,",
    0,
  ],
  [
    "runSummary eq 'a'",
    "The path leads to an entity of the type 'microsoft.graph.deviceManagementScriptRunSummary', which has no value to compare,",
    0,
  ],
  [
    'runSummary/nonsense eq 1',
    "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceManagementScriptRunSummary'",
    0,
  ],
  [
    "microsoft.graph.deviceManagementScript/displayName eq 'a'",
    "Could not find a property named 'microsoft.graph.deviceManagementScript' on type 'microsoft.graph.deviceShellScript'",
    0,
  ],
  ["userRunStates eq 'a'", "'userRunStates' is a collection, and is read with any, all or $count only,", 0],
  [
    'userRunStates/errorDeviceCount eq 1',
    "The navigation 'userRunStates' leads to many, and is read with any, all or $count only,",
    0,
  ],
  [
    "roleScopeTagIds eq 'a'",
    "'roleScopeTagIds' is a collection, and is read with any, all or $count only,",
    0,
  ],
  ["roleScopeTagIds/x eq 'a'", "Could not find a property named 'x' on type 'Edm.String'", 0],
  [
    "displayName/any(t:t eq 'a')",
    "'displayName' is no collection, and any, all and $count are of collections,",
    0,
  ],
  [
    'displayName/$count eq 1',
    "'displayName' is no collection, and any, all and $count are of collections,",
    0,
  ],
  [
    "roleScopeTagIds/any(t:t/x eq 'a')",
    "Could not find a property named 'x' on a value that has no members",
    22,
  ],
  [
    "userRunStates/any(u:u eq 'a')",
    "The path leads to an entity of the type 'microsoft.graph.deviceManagementScriptUserState', which has no value to compare,",
    20,
  ],
  [
    "userRunStates/any(u:U/id eq 'a')",
    "Could not find a property named 'U' on type 'microsoft.graph.deviceShellScript'",
    20,
  ],
  ["roleScopeTagIds/$count($filter=id eq 'a') eq 1", 'A $count of values takes no $filter', 34],
  [
    'detectionScriptParameters/any()',
    "The property 'detectionScriptParameters' is a collection of complex values, which is not searched,",
    0,
    'health',
  ],
  [
    'target/nonsense eq 1',
    "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceAndAppManagementAssignmentTarget'",
    0,
    'assignment',
  ],
  [
    "target/microsoft.graph.allDevicesAssignmentTarget/groupId eq 'a'",
    "Could not find a property named 'groupId' on type 'microsoft.graph.allDevicesAssignmentTarget'",
    0,
    'assignment',
  ],
  ["target/groupId/x eq 'a'", "Could not find a property named 'x' on type 'Edm.String'", 0, 'assignment'],
  [
    'target eq target',
    "A binary operator with incompatible types was detected. Found operand types 'a complex type' and 'a complex type' for operator kind 'Equal'",
    7,
    'assignment',
  ],
  ['target in (null)', "Values of 'a complex type' are not compared", 7, 'assignment'],
]

testExpressions(bound, refused)
