import { defineEntity, type PropertyDeclaration } from '../define.ts'
import { configurationPermissions } from '../permissions.ts'

/** A number of devices. */
function count(description: string) {
  return { type: 'Edm.Int32', default: 0, minimum: 0, description } as const satisfies PropertyDeclaration
}

/** How a health script went on all devices. */
export const deviceHealthScriptRunSummary = defineEntity({
  name: 'deviceHealthScriptRunSummary',
  description: 'On how many devices a health script found, resolved and left an issue.',
  table: { name: 'health_run_summary', parent: 'health_script', slotted: true },
  properties: {
    id: {
      type: 'Edm.String',
      access: 'readOnly',
      description: 'Key of the run summary: that of its script.',
    },
    noIssueDetectedDeviceCount: count('Devices without the issue.'),
    issueDetectedDeviceCount: count('Devices with the issue.'),
    detectionScriptErrorDeviceCount: count('Devices on which the detection failed.'),
    detectionScriptPendingDeviceCount: count('Devices that have not run the script yet.'),
    detectionScriptNotApplicableDeviceCount: count('Devices that the script is not for.'),
    issueRemediatedDeviceCount: count('Devices on which the issue was resolved.'),
    remediationSkippedDeviceCount: count('Devices on which the remediation was left out.'),
    issueReoccurredDeviceCount: count('Devices on which the remediation ran and the issue stayed.'),
    remediationScriptErrorDeviceCount: count('Devices on which the remediation failed.'),
    lastScriptRunDateTime: {
      type: 'Edm.DateTimeOffset',
      nullable: true,
      description: 'When the script was last run on any device.',
    },
    issueRemediatedCumulativeDeviceCount: count(
      'Devices on which the issue was resolved; here whenever it was, not only in the last 30 days.',
    ),
  },
  navigations: {},
  permissions: { get: configurationPermissions.get, update: configurationPermissions.update },
  example: {
    id: '8221b043-b043-8221-43b0-218243b02182',
    noIssueDetectedDeviceCount: 10,
    issueDetectedDeviceCount: 8,
    detectionScriptErrorDeviceCount: 15,
    detectionScriptPendingDeviceCount: 1,
    detectionScriptNotApplicableDeviceCount: 7,
    issueRemediatedDeviceCount: 10,
    remediationSkippedDeviceCount: 13,
    issueReoccurredDeviceCount: 10,
    remediationScriptErrorDeviceCount: 1,
    lastScriptRunDateTime: '2017-01-01T00:01:17.4310553-08:00',
    issueRemediatedCumulativeDeviceCount: 4,
  },
})
