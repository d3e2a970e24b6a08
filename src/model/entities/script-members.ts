import type { ActionDeclaration, NavigationDeclaration, PropertyDeclaration } from '../define.ts'
import { runAsAccountType } from '../enumerations.ts'

/** What the three families of scripts have in common. Each family's file puts them in its own order. */
export const scriptMembers = {
  id: { type: 'Edm.String', access: 'readOnly', description: 'Unique identifier of the script.' },
  displayName: {
    type: 'Edm.String',
    nullable: true,
    folded: true,
    orderable: true,
    description: 'Name of the script.',
  },
  description: {
    type: 'Edm.String',
    nullable: true,
    default: '',
    folded: true,
    description: 'Optional description of the script.',
  },
  scriptContent: {
    type: 'Edm.Binary',
    nullable: true,
    lazy: true,
    large: true,
    filled: true,
    description: 'The bytes of the script.',
  },
  createdDateTime: {
    type: 'Edm.DateTimeOffset',
    access: 'readOnly',
    stamp: 'created',
    description: 'When the script was created.',
  },
  lastModifiedDateTime: {
    type: 'Edm.DateTimeOffset',
    access: 'readOnly',
    stamp: 'modified',
    description: 'When the script was last changed.',
  },
  fileName: {
    type: 'Edm.String',
    nullable: true,
    folded: true,
    orderable: true,
    description: 'File name of the script.',
  },
  roleScopeTagIds: {
    type: 'Edm.String',
    collection: true,
    nullable: true,
    default: ['0'],
    description: 'Ids of the scope tags of the script.',
  },
} as const satisfies Record<string, PropertyDeclaration>

/** The account a script runs as; the families differ in the default. */
export function runAsAccount<const D extends keyof typeof runAsAccountType.members>(defaultAccount: D) {
  return {
    type: runAsAccountType,
    default: defaultAccount,
    orderable: true,
    description: 'The account in whose name the script runs.',
  } as const
}

/** What hangs below a script of any family. */
export const scriptNavigations = {
  groupAssignments: { target: 'deviceManagementScriptGroupAssignment', collection: true, contained: true },
  assignments: { target: 'deviceManagementScriptAssignment', collection: true, contained: true },
  runSummary: { target: 'deviceManagementScriptRunSummary', contained: true, plain: true },
  userRunStates: { target: 'deviceManagementScriptUserState', collection: true, contained: true },
  deviceRunStates: { target: 'deviceManagementScriptDeviceState', collection: true, contained: true },
} as const satisfies Record<string, NavigationDeclaration>

/** `assign`, the same for the three families but for who may. */
export function assignAction(permissions: readonly string[]) {
  return {
    boundTo: 'entity',
    permissions,
    parameters: {
      deviceManagementScriptGroupAssignments: { kind: 'entities', navigation: 'groupAssignments' },
      deviceManagementScriptAssignments: { kind: 'entities', navigation: 'assignments' },
    },
  } as const satisfies ActionDeclaration
}

/** The members that the documentation's examples print alike for the three families. */
export const scriptExample = {
  displayName: 'Display Name value',
  description: 'Description value',
  scriptContent: 'c2NyaXB0Q29udGVudA==',
  createdDateTime: '2017-01-01T00:02:43.5775965-08:00',
  lastModifiedDateTime: '2017-01-01T00:00:35.1329464-08:00',
  runAsAccount: 'user',
  fileName: 'File Name value',
  roleScopeTagIds: ['Role Scope Tag Ids value'],
} as const
