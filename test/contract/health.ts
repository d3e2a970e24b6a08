/** Health scripts: their documented operations as data, and the documentation's request examples as printed. */
import type { Runstate } from '../support/runstate.ts'

type Members = Readonly<Record<string, unknown>>

/** Ids of the documentation's own entities, which a demo server has. */
export const ids = {
  script: 'bcb60502-0502-bcb6-0205-b6bc0205b6bc',
  assignment: 'c08c4eb1-4eb1-c08c-b14e-8cc0b14e8cc0',
  state: 'fd2e4505-4505-fd2e-0545-2efd05452efd',
} as const

export const SET = 'deviceHealthScripts'

/** The request of the page that creates a script. */
export const creationExample = `{"displayName":"testtest","description":"","publisher":"Tenant Monkey","runAs32Bit":true,"runAsAccount":"system","enforceSignatureCheck":false,"detectionScriptContent":"SW1wb3J0","remediationScriptContent":"","roleScopeTagIds":["0"]}`

/** The request of the `assign` page. */
export const assignExample = `{"deviceHealthScriptAssignments":[{"target":{"@odata.type":"#microsoft.graph.groupAssignmentTarget","groupId":"f3b47ca8-cee6-48a7-8e25-a30e589bfa22"},"runRemediationScript":true,"runSchedule":{"@odata.type":"#microsoft.graph.deviceHealthScriptRunOnceSchedule","interval":1,"date":"2021-04-30","time":"16:0:0","useUtc":false}}]}`

/** The request of the page that creates an assignment. */
export const assignmentExample = `{"@odata.type":"#microsoft.graph.deviceHealthScriptAssignment","target":{"@odata.type":"microsoft.graph.allDevicesAssignmentTarget","deviceAndAppManagementAssignmentFilterId":"Device And App Management Assignment Filter Id value","deviceAndAppManagementAssignmentFilterType":"include"},"runRemediationScript":true,"runSchedule":{"@odata.type":"microsoft.graph.deviceHealthScriptDailySchedule","interval":8,"useUtc":true,"time":"11:58:36.2550000"}}`

/** The request of the pages that create and update a device run state. */
export const stateExample = `{"@odata.type":"#microsoft.graph.deviceHealthScriptDeviceState","detectionState":"success","lastStateUpdateDateTime":"2017-01-01T00:02:58.4418045-08:00","expectedStateUpdateDateTime":"2016-12-31T23:58:26.9294641-08:00","lastSyncDateTime":"2017-01-01T00:02:49.3205976-08:00","preRemediationDetectionScriptOutput":"Pre Remediation Detection Script Output value","preRemediationDetectionScriptError":"Pre Remediation Detection Script Error value","remediationScriptError":"Remediation Script Error value","postRemediationDetectionScriptOutput":"Post Remediation Detection Script Output value","postRemediationDetectionScriptError":"Post Remediation Detection Script Error value","remediationState":"skipped","assignmentFilterIds":["Assignment Filter Ids value"]}`

/** The request of the page that updates the run summary. */
export const summaryExample = `{"@odata.type":"#microsoft.graph.deviceHealthScriptRunSummary","noIssueDetectedDeviceCount":10,"issueDetectedDeviceCount":8,"detectionScriptErrorDeviceCount":15,"detectionScriptPendingDeviceCount":1,"detectionScriptNotApplicableDeviceCount":7,"issueRemediatedDeviceCount":10,"remediationSkippedDeviceCount":13,"issueReoccurredDeviceCount":10,"remediationScriptErrorDeviceCount":1,"lastScriptRunDateTime":"2017-01-01T00:01:17.4310553-08:00","issueRemediatedCumulativeDeviceCount":4}`

/** An operation on health scripts, as it is sent to a demo server. */
export interface HealthOperation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** After `/deviceManagement/`; keys are `{script}`, `{assignment}`, `{state}`. */
  readonly template: string
  readonly status: 200 | 201 | 204
  readonly body?: string
}

const script = `${SET}/{script}`

/** The five operations of a collection and its count. */
function operationsOf(
  path: string,
  key: string,
  { creation, change }: { readonly creation: string; readonly change: string },
): readonly HealthOperation[] {
  const item = `${path}/{${key}}`
  return [
    { method: 'GET', template: path, status: 200 },
    { method: 'GET', template: `${path}/$count`, status: 200 },
    { method: 'GET', template: item, status: 200 },
    { method: 'POST', template: path, status: 201, body: creation },
    { method: 'PATCH', template: item, status: 200, body: change },
    { method: 'DELETE', template: item, status: 204 },
  ]
}

/** All that is served of health scripts. */
export const healthOperations: readonly HealthOperation[] = [
  ...operationsOf(SET, 'script', { creation: creationExample, change: '{"description":"another"}' }),
  { method: 'POST', template: `${script}/assign`, status: 204, body: assignExample },
  ...operationsOf(`${script}/assignments`, 'assignment', {
    creation: assignmentExample,
    change: '{"runRemediationScript":false}',
  }),
  ...operationsOf(`${script}/deviceRunStates`, 'state', { creation: stateExample, change: stateExample }),
  { method: 'GET', template: `${script}/deviceRunStates/{state}/managedDevice`, status: 200 },
  { method: 'GET', template: `${script}/runSummary`, status: 200 },
  { method: 'PATCH', template: `${script}/runSummary`, status: 200, body: summaryExample },
]

/** A template with the documentation's ids. */
export function pathOf({ template }: HealthOperation): string {
  const known: Readonly<Record<string, string>> = ids
  return template.replace(/\{(\w+)\}/g, (braced, name: string) => known[name] ?? braced)
}

/** Creates a health script; gives its path. */
export async function createHealthScript(runstate: Runstate, members: Members = {}): Promise<string> {
  return `${SET}/${await runstate.create(SET, { displayName: 'Disk space', ...members })}`
}
