import { defineEntity } from '../define.ts'
import { deviceCustomAttributeValueType } from '../enumerations.ts'
import { childPermissions, scriptPermissions } from '../permissions.ts'
import {
  assignAction,
  runAsAccount,
  scriptExample,
  scriptMembers,
  scriptNavigations,
} from './script-members.ts'

/** A shell script for macOS devices whose output is a custom attribute of the device. */
export const deviceCustomAttributeShellScript = defineEntity({
  name: 'deviceCustomAttributeShellScript',
  description: 'A shell script that Intune runs on macOS devices to read a custom attribute.',
  table: {
    name: 'script',
    discriminator: { column: 'family', value: 'deviceCustomAttributeShellScripts' },
    numbered: true,
  },
  properties: {
    id: scriptMembers.id,
    customAttributeName: {
      type: 'Edm.String',
      nullable: true,
      access: 'setOnce',
      default: { from: 'displayName' },
      folded: true,
      description: 'Name of the custom attribute; that of the script where a creation does not say.',
    },
    customAttributeType: {
      type: deviceCustomAttributeValueType,
      access: 'setOnce',
      default: 'integer',
      description: 'The type of value that the script prints.',
    },
    displayName: { ...scriptMembers.displayName, access: 'setOnce' },
    description: scriptMembers.description,
    scriptContent: scriptMembers.scriptContent,
    createdDateTime: scriptMembers.createdDateTime,
    lastModifiedDateTime: scriptMembers.lastModifiedDateTime,
    runAsAccount: runAsAccount('system'),
    fileName: scriptMembers.fileName,
    roleScopeTagIds: scriptMembers.roleScopeTagIds,
  },
  navigations: scriptNavigations,
  permissions: scriptPermissions,
  actions: { assign: assignAction(childPermissions.update) },
  example: {
    id: '929d921b-921b-929d-1b92-9d921b929d92',
    customAttributeName: 'Custom Attribute Name value',
    customAttributeType: 'string',
    ...scriptExample,
  },
})
