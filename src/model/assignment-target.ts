import { defineComplexType } from './define.ts'
import { deviceAndAppManagementAssignmentFilterType } from './enumerations.ts'

/** The group that stands for all devices in an assignment's id. */
export const ALL_DEVICES = 'adadadad-808e-44e2-905a-0b7873a8a531'

/** The group that stands for all licensed users in an assignment's id. */
export const ALL_USERS = 'acacacac-9df4-4c7d-9d50-4ef0226f57a9'

/** Whom a script is assigned to; beta's base type may stand for itself. */
export const deviceAndAppManagementAssignmentTarget = defineComplexType({
  name: 'deviceAndAppManagementAssignmentTarget',
  description: 'Base of the targets of an assignment.',
  properties: {
    deviceAndAppManagementAssignmentFilterId: {
      type: 'Edm.String',
      nullable: true,
      description: 'Id of the filter of the assignment.',
    },
    deviceAndAppManagementAssignmentFilterType: {
      type: deviceAndAppManagementAssignmentFilterType,
      default: 'none',
      description: 'Whether the filter lets devices in or keeps them out.',
    },
  },
  derived: [
    {
      name: 'groupAssignmentTarget',
      description: 'The members of a group.',
      identity: { property: 'groupId' },
      properties: {
        groupId: { type: 'Edm.String', nullable: true, group: true, description: 'Id of the group.' },
      },
      derived: [
        {
          name: 'exclusionGroupAssignmentTarget',
          description: 'The members of a group, who are left out.',
          properties: {},
        },
      ],
    },
    {
      name: 'allDevicesAssignmentTarget',
      description: 'All managed devices.',
      identity: { value: ALL_DEVICES },
      properties: {},
    },
    {
      name: 'allLicensedUsersAssignmentTarget',
      description: 'All users with a licence.',
      identity: { value: ALL_USERS },
      properties: {},
    },
    {
      name: 'configurationManagerCollectionAssignmentTarget',
      description: 'A collection of Configuration Manager.',
      identity: { property: 'collectionId' },
      properties: {
        collectionId: { type: 'Edm.String', nullable: true, description: 'Id of the collection.' },
      },
    },
  ],
})
