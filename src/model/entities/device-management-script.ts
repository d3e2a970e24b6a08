import { defineEntity } from '../define.ts'
import { hasPayloadLinkResultItem } from '../has-payload-link.ts'
import { payloadLinkPermissions, scriptPermissions } from '../permissions.ts'
import {
  assignAction,
  runAsAccount,
  scriptExample,
  scriptMembers,
  scriptNavigations,
} from './script-members.ts'

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
  recordedFirst: ['enforceSignatureCheck', 'runAs32Bit'],
  navigations: scriptNavigations,
  permissions: scriptPermissions,
  actions: {
    assign: assignAction(scriptPermissions.update),
    hasPayloadLinks: {
      boundTo: 'collection',
      permissions: payloadLinkPermissions,
      parameters: { payloadIds: { kind: 'texts' } },
      returns: hasPayloadLinkResultItem,
    },
  },
  example: {
    id: '59ea4525-4525-59ea-2545-ea592545ea59',
    ...scriptExample,
    enforceSignatureCheck: true,
    runAs32Bit: true,
  },
})
