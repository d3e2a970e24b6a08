import { defineEntity, type PropertyDeclaration } from '../define.ts'
import { deviceHealthScriptParameter } from '../device-health-script-parameter.ts'
import { deviceHealthScriptType } from '../enumerations.ts'
import { scriptPermissions } from '../permissions.ts'
import { runAsAccount, scriptMembers } from './script-members.ts'

/** A text of the script's publisher. */
function text(description: string) {
  return {
    type: 'Edm.String',
    nullable: true,
    folded: true,
    description,
  } as const satisfies PropertyDeclaration
}

/** The parameters of one of the two scripts. */
function parameters(description: string) {
  return {
    type: deviceHealthScriptParameter,
    collection: true,
    nullable: true,
    default: [],
    description,
  } as const satisfies PropertyDeclaration
}

/** A parameter as the documentation's examples print it. */
const parameterExample = {
  '@odata.type': 'microsoft.graph.deviceHealthScriptStringParameter',
  name: 'Name value',
  description: 'Description value',
  isRequired: true,
  applyDefaultValueWhenNotAssigned: true,
  defaultValue: 'Default Value value',
}

/** A remediation: a PowerShell script that finds an issue on Windows devices, and one that resolves it. */
export const deviceHealthScript = defineEntity({
  name: 'deviceHealthScript',
  description:
    'A pair of PowerShell scripts that Intune runs on Windows devices to find and resolve an issue.',
  table: { name: 'health_script', numbered: true },
  properties: {
    id: scriptMembers.id,
    publisher: text('Name of the publisher of the script.'),
    version: text('Version of the script.'),
    displayName: scriptMembers.displayName,
    description: scriptMembers.description,
    detectionScriptContent: {
      ...scriptMembers.scriptContent,
      description: 'The bytes of the script that finds the issue.',
    },
    remediationScriptContent: {
      type: 'Edm.Binary',
      nullable: true,
      lazy: true,
      large: true,
      description: 'The bytes of the script that resolves the issue.',
    },
    createdDateTime: scriptMembers.createdDateTime,
    lastModifiedDateTime: scriptMembers.lastModifiedDateTime,
    runAsAccount: runAsAccount('system'),
    enforceSignatureCheck: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the signature of the script is checked before it runs.',
    },
    runAs32Bit: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the script runs in a 32-bit host.',
    },
    roleScopeTagIds: scriptMembers.roleScopeTagIds,
    isGlobalScript: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the script is one that Microsoft publishes.',
    },
    highestAvailableVersion: text('The newest version of a script that Microsoft publishes.'),
    deviceHealthScriptType: {
      type: deviceHealthScriptType,
      default: 'deviceHealthScript',
      description: 'What the script is for.',
    },
    detectionScriptParameters: parameters('Parameters of the script that finds the issue.'),
    remediationScriptParameters: parameters('Parameters of the script that resolves the issue.'),
  },
  navigations: {
    assignments: { target: 'deviceHealthScriptAssignment', collection: true, contained: true },
    runSummary: { target: 'deviceHealthScriptRunSummary', contained: true },
    deviceRunStates: { target: 'deviceHealthScriptDeviceState', collection: true, contained: true },
  },
  permissions: scriptPermissions,
  actions: {
    assign: {
      boundTo: 'entity',
      permissions: scriptPermissions.update,
      parameters: { deviceHealthScriptAssignments: { kind: 'entities', navigation: 'assignments' } },
    },
  },
  example: {
    id: 'bcb60502-0502-bcb6-0205-b6bc0205b6bc',
    publisher: 'Publisher value',
    version: 'Version value',
    displayName: 'Display Name value',
    description: 'Description value',
    detectionScriptContent: 'ZGV0ZWN0aW9uU2NyaXB0Q29udGVudA==',
    remediationScriptContent: 'cmVtZWRpYXRpb25TY3JpcHRDb250ZW50',
    createdDateTime: '2017-01-01T00:02:43.5775965-08:00',
    lastModifiedDateTime: '2017-01-01T00:00:35.1329464-08:00',
    runAsAccount: 'user',
    enforceSignatureCheck: true,
    runAs32Bit: true,
    roleScopeTagIds: ['Role Scope Tag Ids value'],
    isGlobalScript: true,
    highestAvailableVersion: 'Highest Available Version value',
    deviceHealthScriptType: 'managedInstallerScript',
    detectionScriptParameters: [parameterExample],
    remediationScriptParameters: [parameterExample],
  },
})
