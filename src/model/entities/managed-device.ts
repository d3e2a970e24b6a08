import { defineEntity, type PropertyDeclaration } from '../define.ts'
import { devicePermissions } from '../permissions.ts'

/** A text about a device that may be unknown. */
function text(description: string) {
  return {
    type: 'Edm.String',
    nullable: true,
    folded: true,
    description,
  } as const satisfies PropertyDeclaration
}

/**
 * A device under management: of the hundred-odd properties of the schema those that tools read beside run states, to
 * say which device it was (deviceName, serialNumber, azureADDeviceId, model, manufacturer), whose (userPrincipalName,
 * userId, userDisplayName, emailAddress) and in what state (operatingSystem, osVersion, lastSyncDateTime, enrolledDateTime).
 */
export const managedDevice = defineEntity({
  name: 'managedDevice',
  description: 'A device under management.',
  table: { name: 'managed_device' },
  properties: {
    id: { type: 'Edm.String', access: 'readOnly', description: 'Unique identifier of the device.' },
    userId: text('Id of the user of the device.'),
    deviceName: text('Name of the device.'),
    enrolledDateTime: {
      type: 'Edm.DateTimeOffset',
      stamp: 'created',
      description:
        'When the device came under management; the time of creation where a creation does not say.',
    },
    lastSyncDateTime: {
      type: 'Edm.DateTimeOffset',
      stamp: 'created',
      description: 'When the device last reported; the time of creation where a creation does not say.',
    },
    operatingSystem: text('Operating system of the device, Windows or macOS for one.'),
    osVersion: text('Version of the operating system.'),
    emailAddress: text('Mail address of the user of the device.'),
    azureADDeviceId: text('Id of the device in the directory.'),
    model: text('Model of the device.'),
    manufacturer: text('Manufacturer of the device.'),
    serialNumber: text('Serial number of the device.'),
    userPrincipalName: text('User principal name of the user of the device.'),
    userDisplayName: text('Name of the user of the device.'),
  },
  navigations: {},
  permissions: { list: devicePermissions.list, get: devicePermissions.get, create: devicePermissions.create },
  example: {
    id: '705c034c-034c-705c-4c03-5c704c035c70',
    userId: 'User Id value',
    deviceName: 'Device Name value',
    enrolledDateTime: '2016-12-31T23:59:43.797191-08:00',
    lastSyncDateTime: '2017-01-01T00:02:49.3205976-08:00',
    operatingSystem: 'Operating System value',
    osVersion: 'Os Version value',
    emailAddress: 'Email Address value',
    azureADDeviceId: 'Azure ADDevice Id value',
    model: 'Model value',
    manufacturer: 'Manufacturer value',
    serialNumber: 'Serial Number value',
    userPrincipalName: 'User Principal Name value',
    userDisplayName: 'User Display Name value',
  },
})
