import { defineEntity } from '../define.ts'
import { childPermissions } from '../permissions.ts'

/** How a script went on all devices and for all users. */
export const deviceManagementScriptRunSummary = defineEntity({
  name: 'deviceManagementScriptRunSummary',
  description: 'How many devices and users a script succeeded and failed for.',
  table: { name: 'run_summary', parent: 'script', slotted: true },
  properties: {
    id: {
      type: 'Edm.String',
      access: 'readOnly',
      description: 'Key of the run summary: that of its script.',
    },
    successDeviceCount: {
      type: 'Edm.Int32',
      default: 0,
      minimum: 0,
      description: 'Devices on which the script succeeded.',
    },
    errorDeviceCount: {
      type: 'Edm.Int32',
      default: 0,
      minimum: 0,
      description: 'Devices on which the script failed.',
    },
    successUserCount: {
      type: 'Edm.Int32',
      default: 0,
      minimum: 0,
      description: 'Users with a success on some device and a failure on none.',
    },
    errorUserCount: {
      type: 'Edm.Int32',
      default: 0,
      minimum: 0,
      description: 'Users with a failure on some device.',
    },
  },
  navigations: {},
  permissions: { get: childPermissions.get, update: childPermissions.update },
  example: {
    id: '514d5d38-5d38-514d-385d-4d51385d4d51',
    successDeviceCount: 2,
    errorDeviceCount: 0,
    successUserCount: 0,
    errorUserCount: 14,
  },
})
