import { deviceAndAppManagementAssignmentTarget } from '../assignment-target.ts'
import { defineEntity } from '../define.ts'
import { childPermissions } from '../permissions.ts'

/** Whom a script is assigned to. */
export const deviceManagementScriptAssignment = defineEntity({
  name: 'deviceManagementScriptAssignment',
  description: 'The assignment of a script to a target.',
  table: { name: 'assignment', parent: 'script' },
  properties: {
    id: { type: 'Edm.String', access: 'readOnly', description: 'Key of the assignment.' },
    target: {
      type: deviceAndAppManagementAssignmentTarget,
      nullable: true,
      description: 'Whom the script is assigned to.',
    },
  },
  navigations: {},
  permissions: childPermissions,
  idFrom: 'target',
  example: {
    id: 'a87a601e-601e-a87a-1e60-7aa81e607aa8',
    target: {
      '@odata.type': 'microsoft.graph.configurationManagerCollectionAssignmentTarget',
      deviceAndAppManagementAssignmentFilterId: 'Device And App Management Assignment Filter Id value',
      deviceAndAppManagementAssignmentFilterType: 'include',
      collectionId: 'Collection Id value',
    },
  },
})
