import { deviceAndAppManagementAssignmentTarget } from '../assignment-target.ts'
import { defineEntity } from '../define.ts'
import { deviceHealthScriptRunSchedule } from '../device-health-script-run-schedule.ts'
import { configurationPermissions } from '../permissions.ts'

/** Whom a health script is assigned to, and when it runs there. */
export const deviceHealthScriptAssignment = defineEntity({
  name: 'deviceHealthScriptAssignment',
  description: 'The assignment of a health script to a target.',
  table: { name: 'health_assignment', parent: 'health_script' },
  properties: {
    id: { type: 'Edm.String', access: 'readOnly', description: 'Key of the assignment.' },
    target: {
      type: deviceAndAppManagementAssignmentTarget,
      nullable: true,
      description: 'Whom the script is assigned to.',
    },
    runRemediationScript: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether an issue that is found is to be resolved too.',
    },
    runSchedule: {
      type: deviceHealthScriptRunSchedule,
      nullable: true,
      description: 'When the script runs.',
    },
  },
  navigations: {},
  permissions: configurationPermissions,
  idFrom: 'target',
  example: {
    id: 'c08c4eb1-4eb1-c08c-b14e-8cc0b14e8cc0',
    target: {
      '@odata.type': 'microsoft.graph.configurationManagerCollectionAssignmentTarget',
      deviceAndAppManagementAssignmentFilterId: 'Device And App Management Assignment Filter Id value',
      deviceAndAppManagementAssignmentFilterType: 'include',
      collectionId: 'Collection Id value',
    },
    runRemediationScript: true,
    runSchedule: {
      '@odata.type': 'microsoft.graph.deviceHealthScriptDailySchedule',
      interval: 8,
      useUtc: true,
      time: '11:58:36.2550000',
    },
  },
})
