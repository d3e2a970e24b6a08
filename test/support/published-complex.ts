/** The published complex types (CSDL of Graph beta of SCHEMA_DATE), each with what it inherits, as data. */
import type { PublishedRow as Row } from './schema.ts'

/** Members that the target of any assignment has. */
const target: Readonly<Record<string, Row>> = {
  deviceAndAppManagementAssignmentFilterId: ['Edm.String', true],
  deviceAndAppManagementAssignmentFilterType: [
    'microsoft.graph.deviceAndAppManagementAssignmentFilterType',
    false,
  ],
}

const groupTarget = { ...target, groupId: ['Edm.String', true] } as const

export type ComplexRows = Readonly<Record<string, Readonly<Record<string, Row>>>>

/** The complex types of a target, each with what it inherits. */
export const targets: ComplexRows = {
  'microsoft.graph.deviceAndAppManagementAssignmentTarget': target,
  'microsoft.graph.groupAssignmentTarget': groupTarget,
  'microsoft.graph.exclusionGroupAssignmentTarget': groupTarget,
  'microsoft.graph.allDevicesAssignmentTarget': target,
  'microsoft.graph.allLicensedUsersAssignmentTarget': target,
  'microsoft.graph.configurationManagerCollectionAssignmentTarget': {
    ...target,
    collectionId: ['Edm.String', true],
  },
}

/** Members that every schedule of a health script has. */
const schedule: Readonly<Record<string, Row>> = { interval: ['Edm.Int32', false] }

const timeSchedule = { ...schedule, useUtc: ['Edm.Boolean', false], time: ['Edm.TimeOfDay', true] } as const

export const schedules: ComplexRows = {
  'microsoft.graph.deviceHealthScriptRunSchedule': schedule,
  'microsoft.graph.deviceHealthScriptHourlySchedule': schedule,
  'microsoft.graph.deviceHealthScriptTimeSchedule': timeSchedule,
  'microsoft.graph.deviceHealthScriptDailySchedule': timeSchedule,
  'microsoft.graph.deviceHealthScriptRunOnceSchedule': { ...timeSchedule, date: ['Edm.Date', true] },
}

/** Members that every parameter of a health script has. */
const parameter: Readonly<Record<string, Row>> = {
  name: ['Edm.String', true],
  description: ['Edm.String', true],
  isRequired: ['Edm.Boolean', false],
  applyDefaultValueWhenNotAssigned: ['Edm.Boolean', false],
}

export const parameters: ComplexRows = {
  'microsoft.graph.deviceHealthScriptParameter': parameter,
  'microsoft.graph.deviceHealthScriptStringParameter': { ...parameter, defaultValue: ['Edm.String', true] },
  'microsoft.graph.deviceHealthScriptIntegerParameter': { ...parameter, defaultValue: ['Edm.Int32', false] },
  'microsoft.graph.deviceHealthScriptBooleanParameter': {
    ...parameter,
    defaultValue: ['Edm.Boolean', false],
  },
}
