import { defineEntity } from '../define.ts'
import { runState } from '../enumerations.ts'
import { childPermissions } from '../permissions.ts'

/** How the last run of a script on a device went. */
export const deviceManagementScriptDeviceState = defineEntity({
  name: 'deviceManagementScriptDeviceState',
  description: 'How the last run of a script on a device went.',
  table: { name: 'device_state', parent: 'script' },
  properties: {
    id: {
      type: 'Edm.String',
      access: 'readOnly',
      description: 'Key of the device management script device state.',
    },
    runState: { type: runState, default: 'unknown', orderable: true, description: 'How the last run ended.' },
    resultMessage: {
      type: 'Edm.String',
      nullable: true,
      large: true,
      description: 'What the script printed.',
    },
    lastStateUpdateDateTime: {
      type: 'Edm.DateTimeOffset',
      stamp: 'created',
      orderable: true,
      description: 'When the script was last run; the time of creation where a creation does not say.',
    },
    errorCode: { type: 'Edm.Int32', default: 0, description: 'The error code of a failed run.' },
    errorDescription: {
      type: 'Edm.String',
      nullable: true,
      folded: true,
      description: 'What the error code says in words.',
    },
  },
  navigations: {
    managedDevice: { target: 'managedDevice', link: 'managed_device', permissions: childPermissions.get },
  },
  permissions: childPermissions,
  idFrom: 'managedDevice',
  contributes: {
    to: 'deviceManagementScriptRunSummary',
    measure: ({ runState: state }) => ({
      successDeviceCount: Number(state === 'success'),
      errorDeviceCount: Number(state === 'fail' || state === 'scriptError'),
    }),
  },
  example: {
    id: '39440cba-0cba-3944-ba0c-4439ba0c4439',
    runState: 'success',
    resultMessage: 'Result Message value',
    lastStateUpdateDateTime: '2017-01-01T00:02:58.4418045-08:00',
    errorCode: 9,
    errorDescription: 'Error Description value',
  },
})
