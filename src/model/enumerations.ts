import { defineEnumeration } from './define.ts'

/** In whose name a script runs. */
export const runAsAccountType = defineEnumeration({
  name: 'runAsAccountType',
  members: { system: 0, user: 1 },
})

/** The type of value that a custom attribute's script prints. */
export const deviceCustomAttributeValueType = defineEnumeration({
  name: 'deviceCustomAttributeValueType',
  members: { integer: 0, string: 1, dateTime: 2 },
})

/** How the last run of a script on a device ended. */
export const runState = defineEnumeration({
  name: 'runState',
  members: { unknown: 0, success: 1, fail: 2, scriptError: 3, pending: 4, notApplicable: 5 },
})

/** How the script of a remediation that resolves the issue ended. */
export const remediationState = defineEnumeration({
  name: 'remediationState',
  members: {
    unknown: 0,
    skipped: 1,
    success: 2,
    remediationFailed: 3,
    scriptError: 4,
    unknownFutureValue: 5,
  },
})

/** What a health script is for. */
export const deviceHealthScriptType = defineEnumeration({
  name: 'deviceHealthScriptType',
  members: { deviceHealthScript: 0, managedInstallerScript: 1 },
})

/** Whether an assignment's filter lets devices in or keeps them out. */
export const deviceAndAppManagementAssignmentFilterType = defineEnumeration({
  name: 'deviceAndAppManagementAssignmentFilterType',
  members: { none: 0, include: 1, exclude: 2 },
})

/** Where an assignment comes from. */
export const deviceAndAppManagementAssignmentSource = defineEnumeration({
  name: 'deviceAndAppManagementAssignmentSource',
  members: { direct: 0, policySets: 1 },
})
