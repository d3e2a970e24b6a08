import { defineEntity } from '../define.ts'
import { childPermissions } from '../permissions.ts'

/** How a script went on the devices of one user: the entity that the seed's contract updates. */
export const deviceManagementScriptUserState = defineEntity({
  name: 'deviceManagementScriptUserState',
  description: 'How many devices of one user a script succeeded and failed on.',
  table: { name: 'user_state', parent: 'script' },
  properties: {
    id: {
      type: 'Edm.String',
      access: 'readOnly',
      description: 'Key of the device management script user state.',
    },
    successDeviceCount: {
      type: 'Edm.Int32',
      default: 0,
      minimum: 0,
      description: 'Number of devices of the user on which the script succeeded.',
    },
    errorDeviceCount: {
      type: 'Edm.Int32',
      default: 0,
      minimum: 0,
      orderable: true,
      description: 'Number of devices of the user on which the script failed.',
    },
    userPrincipalName: {
      type: 'Edm.String',
      nullable: true,
      folded: true,
      orderable: true,
      description: 'User principal name of the user; free text, null where it is not known.',
    },
  },
  navigations: {
    deviceRunStates: {
      target: 'deviceManagementScriptDeviceState',
      collection: true,
      contained: true,
      link: 'user_state',
    },
  },
  permissions: childPermissions,
  contributes: {
    to: 'deviceManagementScriptRunSummary',
    measure: ({ successDeviceCount, errorDeviceCount }) => ({
      successUserCount: Number(Number(successDeviceCount) > 0 && errorDeviceCount === 0),
      errorUserCount: Number(Number(errorDeviceCount) > 0),
    }),
  },
  example: {
    id: 'd5a29103-9103-d5a2-0391-a2d50391a2d5',
    successDeviceCount: 2,
    errorDeviceCount: 0,
    userPrincipalName: 'User Principal Name value',
  },
})
