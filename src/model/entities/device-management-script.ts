import { defineEntity } from '../define.ts'
import { payloadLinkPermissions, scriptPermissions } from '../permissions.ts'
import { runAsAccount, scriptExample, scriptMembers, scriptNavigations } from './script-members.ts'

/** A PowerShell script for Windows devices. */
export const deviceManagementScript = defineEntity({
  name: 'deviceManagementScript',
  description: 'A PowerShell script that Intune runs on Windows devices.',
  table: {
    name: 'script',
    discriminator: { column: 'family', value: 'deviceManagementScripts' },
    numbered: true,
  },
  properties: {
    id: scriptMembers.id,
    displayName: scriptMembers.displayName,
    description: scriptMembers.description,
    scriptContent: scriptMembers.scriptContent,
    createdDateTime: scriptMembers.createdDateTime,
    lastModifiedDateTime: scriptMembers.lastModifiedDateTime,
    runAsAccount: runAsAccount('user'),
    enforceSignatureCheck: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the signature of the script is checked before it runs.',
    },
    fileName: scriptMembers.fileName,
    roleScopeTagIds: scriptMembers.roleScopeTagIds,
    runAs32Bit: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the script runs in a 32-bit host.',
    },
  },
  navigations: scriptNavigations,
  permissions: scriptPermissions,
  actions: {
    assign: { boundTo: 'entity', permissions: scriptPermissions.update },
    hasPayloadLinks: { boundTo: 'collection', permissions: payloadLinkPermissions },
  },
  example: {
    id: '59ea4525-4525-59ea-2545-ea592545ea59',
    ...scriptExample,
    enforceSignatureCheck: true,
    runAs32Bit: true,
  },
})
