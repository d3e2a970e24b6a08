import { defineEntity, type PropertyDeclaration } from '../define.ts'
import { remediationState, runState } from '../enumerations.ts'
import { configurationPermissions } from '../permissions.ts'

/** What a script printed. */
function output(description: string) {
  return {
    type: 'Edm.String',
    nullable: true,
    large: true,
    description,
  } as const satisfies PropertyDeclaration
}

/** How the last run of a health script on a device went. */
export const deviceHealthScriptDeviceState = defineEntity({
  name: 'deviceHealthScriptDeviceState',
  description: 'How the last run of a health script on a device went.',
  table: { name: 'health_device_state', parent: 'health_script' },
  properties: {
    id: { type: 'Edm.String', access: 'readOnly', description: 'Key of the device state.' },
    detectionState: {
      type: runState,
      default: 'unknown',
      orderable: true,
      description:
        'How the script that finds the issue ended: success where there is none, fail where there is one.',
    },
    lastStateUpdateDateTime: {
      type: 'Edm.DateTimeOffset',
      stamp: 'created',
      orderable: true,
      description: 'When the script was last run; the time of creation where a creation does not say.',
    },
    expectedStateUpdateDateTime: {
      type: 'Edm.DateTimeOffset',
      nullable: true,
      description: 'When the script is to run next.',
    },
    lastSyncDateTime: {
      type: 'Edm.DateTimeOffset',
      stamp: 'created',
      description: 'When the device last reported; the time of creation where a creation does not say.',
    },
    preRemediationDetectionScriptOutput: output('What the detection printed before the remediation.'),
    preRemediationDetectionScriptError: output('The error of the detection before the remediation.'),
    remediationScriptError: output('The error of the remediation.'),
    postRemediationDetectionScriptOutput: output('What the detection printed after the remediation.'),
    postRemediationDetectionScriptError: output('The error of the detection after the remediation.'),
    remediationState: {
      type: remediationState,
      default: 'unknown',
      description: 'How the script that resolves the issue ended.',
    },
    assignmentFilterIds: {
      type: 'Edm.String',
      collection: true,
      nullable: true,
      default: [],
      description: 'Ids of the filters by which the script was found to apply.',
    },
  },
  navigations: {
    managedDevice: {
      target: 'managedDevice',
      link: 'managed_device',
      permissions: configurationPermissions.get,
    },
  },
  permissions: configurationPermissions,
  idFrom: 'managedDevice',
  contributes: {
    to: 'deviceHealthScriptRunSummary',
    measure: ({
      detectionState: detection,
      remediationState: remediation,
      lastStateUpdateDateTime: last,
    }) => ({
      noIssueDetectedDeviceCount: Number(detection === 'success'),
      issueDetectedDeviceCount: Number(detection === 'fail'),
      detectionScriptErrorDeviceCount: Number(detection === 'scriptError'),
      detectionScriptPendingDeviceCount: Number(detection === 'pending'),
      detectionScriptNotApplicableDeviceCount: Number(detection === 'notApplicable'),
      issueRemediatedDeviceCount: Number(remediation === 'success'),
      remediationSkippedDeviceCount: Number(remediation === 'skipped'),
      issueReoccurredDeviceCount: Number(remediation === 'remediationFailed'),
      remediationScriptErrorDeviceCount: Number(remediation === 'scriptError'),
      issueRemediatedCumulativeDeviceCount: Number(remediation === 'success'),
      lastScriptRunDateTime: String(last),
    }),
  },
  example: {
    id: 'fd2e4505-4505-fd2e-0545-2efd05452efd',
    detectionState: 'success',
    lastStateUpdateDateTime: '2017-01-01T00:02:58.4418045-08:00',
    expectedStateUpdateDateTime: '2016-12-31T23:58:26.9294641-08:00',
    lastSyncDateTime: '2017-01-01T00:02:49.3205976-08:00',
    preRemediationDetectionScriptOutput: 'Pre Remediation Detection Script Output value',
    preRemediationDetectionScriptError: 'Pre Remediation Detection Script Error value',
    remediationScriptError: 'Remediation Script Error value',
    postRemediationDetectionScriptOutput: 'Post Remediation Detection Script Output value',
    postRemediationDetectionScriptError: 'Post Remediation Detection Script Error value',
    remediationState: 'skipped',
    assignmentFilterIds: ['Assignment Filter Ids value'],
  },
})
