import { defineEntity } from '../define.ts'
import { childPermissions, scriptPermissions } from '../permissions.ts'
import {
  assignAction,
  runAsAccount,
  scriptExample,
  scriptMembers,
  scriptNavigations,
} from './script-members.ts'

/** A shell script for macOS devices. */
export const deviceShellScript = defineEntity({
  name: 'deviceShellScript',
  description: 'A shell script that Intune runs on macOS devices.',
  table: { name: 'script', discriminator: { column: 'family', value: 'deviceShellScripts' }, numbered: true },
  properties: {
    executionFrequency: {
      type: 'Edm.Duration',
      default: 0,
      description: 'The time between two runs; PT0S runs the script once.',
    },
    retryCount: { type: 'Edm.Int32', default: 0, description: 'How often a failed run is tried again.' },
    blockExecutionNotifications: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the user is not told of a run.',
    },
    id: scriptMembers.id,
    displayName: scriptMembers.displayName,
    description: scriptMembers.description,
    scriptContent: scriptMembers.scriptContent,
    createdDateTime: scriptMembers.createdDateTime,
    lastModifiedDateTime: scriptMembers.lastModifiedDateTime,
    runAsAccount: runAsAccount('user'),
    fileName: scriptMembers.fileName,
    roleScopeTagIds: scriptMembers.roleScopeTagIds,
  },
  navigations: scriptNavigations,
  permissions: scriptPermissions,
  actions: { assign: assignAction(childPermissions.update) },
  example: {
    executionFrequency: 'PT2M43.444327S',
    retryCount: 10,
    blockExecutionNotifications: true,
    id: 'ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca',
    ...scriptExample,
  },
})
