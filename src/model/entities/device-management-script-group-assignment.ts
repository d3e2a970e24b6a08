import { defineEntity } from '../define.ts'
import { childPermissions } from '../permissions.ts'

/** The older form of an assignment: the rows of assignments whose target is a group, and the same ids. */
export const deviceManagementScriptGroupAssignment = defineEntity({
  name: 'deviceManagementScriptGroupAssignment',
  description: 'The assignment of a script to a group.',
  table: {
    name: 'assignment',
    parent: 'script',
    discriminator: { column: 'target_type', value: 'groupAssignmentTarget' },
  },
  properties: {
    id: { type: 'Edm.String', access: 'readOnly', description: 'Key of the group assignment.' },
    targetGroupId: {
      type: 'Edm.String',
      nullable: true,
      group: true,
      column: 'target_group_id',
      description: 'Id of the group that the script is assigned to.',
    },
  },
  navigations: {},
  permissions: childPermissions,
  idFrom: 'targetGroupId',
  example: { id: 'ecd2357d-357d-ecd2-7d35-d2ec7d35d2ec', targetGroupId: 'Target Group Id value' },
})
