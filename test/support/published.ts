/** The published schema of the served types (CSDL of Graph beta of SCHEMA_DATE), as data. */
import type { PublishedRow as Row } from './schema.ts'

const common: Readonly<Record<string, Row>> = {
  id: ['Edm.String', false, 'readOnly'],
  displayName: ['Edm.String', true],
  description: ['Edm.String', true],
  scriptContent: ['Edm.Binary', true],
  createdDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
  lastModifiedDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
  runAsAccount: ['microsoft.graph.runAsAccountType', false],
  fileName: ['Edm.String', true],
  roleScopeTagIds: ['Collection(Edm.String)', true],
}

export const published: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  deviceManagementScript: {
    ...common,
    enforceSignatureCheck: ['Edm.Boolean', false],
    runAs32Bit: ['Edm.Boolean', false],
  },
  deviceShellScript: {
    ...common,
    executionFrequency: ['Edm.Duration', false],
    retryCount: ['Edm.Int32', false],
    blockExecutionNotifications: ['Edm.Boolean', false],
  },
  deviceCustomAttributeShellScript: {
    ...common,
    customAttributeName: ['Edm.String', true],
    customAttributeType: ['microsoft.graph.deviceCustomAttributeValueType', false],
  },
  deviceManagementScriptUserState: {
    id: ['Edm.String', false, 'readOnly'],
    successDeviceCount: ['Edm.Int32', false],
    errorDeviceCount: ['Edm.Int32', false],
    userPrincipalName: ['Edm.String', true],
  },
  deviceManagementScriptDeviceState: {
    id: ['Edm.String', false, 'readOnly'],
    runState: ['microsoft.graph.runState', false],
    resultMessage: ['Edm.String', true],
    lastStateUpdateDateTime: ['Edm.DateTimeOffset', false],
    errorCode: ['Edm.Int32', false],
    errorDescription: ['Edm.String', true],
  },
  deviceManagementScriptRunSummary: {
    id: ['Edm.String', false, 'readOnly'],
    successDeviceCount: ['Edm.Int32', false],
    errorDeviceCount: ['Edm.Int32', false],
    successUserCount: ['Edm.Int32', false],
    errorUserCount: ['Edm.Int32', false],
  },
  deviceManagementScriptAssignment: {
    id: ['Edm.String', false, 'readOnly'],
    target: ['microsoft.graph.deviceAndAppManagementAssignmentTarget', true],
  },
  deviceManagementScriptGroupAssignment: {
    id: ['Edm.String', false, 'readOnly'],
    targetGroupId: ['Edm.String', true],
  },
  managedDevice: {
    id: ['Edm.String', false, 'readOnly'],
    userId: ['Edm.String', true],
    deviceName: ['Edm.String', true],
    enrolledDateTime: ['Edm.DateTimeOffset', false],
    lastSyncDateTime: ['Edm.DateTimeOffset', false],
    operatingSystem: ['Edm.String', true],
    osVersion: ['Edm.String', true],
    emailAddress: ['Edm.String', true],
    azureADDeviceId: ['Edm.String', true],
    model: ['Edm.String', true],
    manufacturer: ['Edm.String', true],
    serialNumber: ['Edm.String', true],
    userPrincipalName: ['Edm.String', true],
    userDisplayName: ['Edm.String', true],
  },
  deviceHealthScript: {
    id: ['Edm.String', false, 'readOnly'],
    publisher: ['Edm.String', true],
    version: ['Edm.String', true],
    displayName: ['Edm.String', true],
    description: ['Edm.String', true],
    detectionScriptContent: ['Edm.Binary', true],
    remediationScriptContent: ['Edm.Binary', true],
    createdDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
    lastModifiedDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
    runAsAccount: ['microsoft.graph.runAsAccountType', false],
    enforceSignatureCheck: ['Edm.Boolean', false],
    runAs32Bit: ['Edm.Boolean', false],
    roleScopeTagIds: ['Collection(Edm.String)', true],
    isGlobalScript: ['Edm.Boolean', false],
    highestAvailableVersion: ['Edm.String', true],
    deviceHealthScriptType: ['microsoft.graph.deviceHealthScriptType', false],
    detectionScriptParameters: ['Collection(microsoft.graph.deviceHealthScriptParameter)', true],
    remediationScriptParameters: ['Collection(microsoft.graph.deviceHealthScriptParameter)', true],
  },
  deviceHealthScriptAssignment: {
    id: ['Edm.String', false, 'readOnly'],
    target: ['microsoft.graph.deviceAndAppManagementAssignmentTarget', true],
    runRemediationScript: ['Edm.Boolean', false],
    runSchedule: ['microsoft.graph.deviceHealthScriptRunSchedule', true],
  },
  deviceHealthScriptRunSummary: {
    id: ['Edm.String', false, 'readOnly'],
    noIssueDetectedDeviceCount: ['Edm.Int32', false],
    issueDetectedDeviceCount: ['Edm.Int32', false],
    detectionScriptErrorDeviceCount: ['Edm.Int32', false],
    detectionScriptPendingDeviceCount: ['Edm.Int32', false],
    detectionScriptNotApplicableDeviceCount: ['Edm.Int32', false],
    issueRemediatedDeviceCount: ['Edm.Int32', false],
    remediationSkippedDeviceCount: ['Edm.Int32', false],
    issueReoccurredDeviceCount: ['Edm.Int32', false],
    remediationScriptErrorDeviceCount: ['Edm.Int32', false],
    lastScriptRunDateTime: ['Edm.DateTimeOffset', true],
    issueRemediatedCumulativeDeviceCount: ['Edm.Int32', false],
  },
  deviceHealthScriptDeviceState: {
    id: ['Edm.String', false, 'readOnly'],
    detectionState: ['microsoft.graph.runState', false],
    lastStateUpdateDateTime: ['Edm.DateTimeOffset', false],
    expectedStateUpdateDateTime: ['Edm.DateTimeOffset', true],
    lastSyncDateTime: ['Edm.DateTimeOffset', false],
    preRemediationDetectionScriptOutput: ['Edm.String', true],
    preRemediationDetectionScriptError: ['Edm.String', true],
    remediationScriptError: ['Edm.String', true],
    postRemediationDetectionScriptOutput: ['Edm.String', true],
    postRemediationDetectionScriptError: ['Edm.String', true],
    remediationState: ['microsoft.graph.remediationState', false],
    assignmentFilterIds: ['Collection(Edm.String)', true],
  },
}

/** Target, whether it is a collection, and whether it is contained. */
type Way = readonly [target: string, isCollection: boolean, containment?: 'contained']

const ofScripts: Readonly<Record<string, Way>> = {
  groupAssignments: ['deviceManagementScriptGroupAssignment', true, 'contained'],
  assignments: ['deviceManagementScriptAssignment', true, 'contained'],
  runSummary: ['deviceManagementScriptRunSummary', false],
  deviceRunStates: ['deviceManagementScriptDeviceState', true, 'contained'],
  userRunStates: ['deviceManagementScriptUserState', true, 'contained'],
}

export const ways: Readonly<Record<string, Readonly<Record<string, Way>>>> = {
  deviceManagementScript: ofScripts,
  deviceShellScript: ofScripts,
  deviceCustomAttributeShellScript: ofScripts,
  deviceManagementScriptDeviceState: { managedDevice: ['managedDevice', false] },
  deviceManagementScriptUserState: {
    deviceRunStates: ['deviceManagementScriptDeviceState', true, 'contained'],
  },
  deviceHealthScript: {
    assignments: ['deviceHealthScriptAssignment', true, 'contained'],
    runSummary: ['deviceHealthScriptRunSummary', false, 'contained'],
    deviceRunStates: ['deviceHealthScriptDeviceState', true, 'contained'],
  },
  deviceHealthScriptDeviceState: { managedDevice: ['managedDevice', false] },
}

/** Name, and what it is bound to. */
export const actions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deviceManagementScript: { assign: 'entity', hasPayloadLinks: 'collection' },
  deviceShellScript: { assign: 'entity' },
  deviceCustomAttributeShellScript: { assign: 'entity' },
  deviceHealthScript: { assign: 'entity' },
}

/** What `assign` takes, by type: names of parameters, and the navigation whose entities each is. */
export const assignParameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    ['deviceManagementScript', 'deviceShellScript', 'deviceCustomAttributeShellScript'].map((name) => [
      name,
      {
        deviceManagementScriptGroupAssignments: 'groupAssignments',
        deviceManagementScriptAssignments: 'assignments',
      },
    ]),
  ),
  deviceHealthScript: { deviceHealthScriptAssignments: 'assignments' },
}

export const enumerations: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'microsoft.graph.runAsAccountType': { system: 0, user: 1 },
  'microsoft.graph.deviceCustomAttributeValueType': { integer: 0, string: 1, dateTime: 2 },
  'microsoft.graph.runState': {
    ...{ unknown: 0, success: 1, fail: 2 },
    ...{ scriptError: 3, pending: 4, notApplicable: 5 },
  },
  'microsoft.graph.deviceAndAppManagementAssignmentFilterType': { none: 0, include: 1, exclude: 2 },
  'microsoft.graph.remediationState': {
    ...{ unknown: 0, skipped: 1, success: 2 },
    ...{ remediationFailed: 3, scriptError: 4, unknownFutureValue: 5 },
  },
  'microsoft.graph.deviceHealthScriptType': { deviceHealthScript: 0, managedInstallerScript: 1 },
}
