/** The door of the model: everything that is served, and the one place that lists it. */

import { createModel, type Model } from './create-model.ts'
import { deviceCustomAttributeShellScript } from './entities/device-custom-attribute-shell-script.ts'
import { deviceHealthScript } from './entities/device-health-script.ts'
import { deviceHealthScriptAssignment } from './entities/device-health-script-assignment.ts'
import { deviceHealthScriptDeviceState } from './entities/device-health-script-device-state.ts'
import { deviceHealthScriptRunSummary } from './entities/device-health-script-run-summary.ts'
import { deviceManagementScript } from './entities/device-management-script.ts'
import { deviceManagementScriptAssignment } from './entities/device-management-script-assignment.ts'
import { deviceManagementScriptDeviceState } from './entities/device-management-script-device-state.ts'
import { deviceManagementScriptGroupAssignment } from './entities/device-management-script-group-assignment.ts'
import { deviceManagementScriptRunSummary } from './entities/device-management-script-run-summary.ts'
import { deviceManagementScriptUserState } from './entities/device-management-script-user-state.ts'
import { deviceShellScript } from './entities/device-shell-script.ts'
import { managedDevice } from './entities/managed-device.ts'

export { ALL_DEVICES, ALL_USERS } from './assignment-target.ts'
export {
  createModel,
  type Model,
  type ModelDeclaration,
  type Singleton,
  type Version,
} from './create-model.ts'
export type {
  ComplexDeclaration,
  EntityDeclaration,
  OperationName,
  PatchOf,
  PayloadOf,
  PermissionTable,
  RowOf,
} from './define.ts'
export { defineEntity, defineEnumeration } from './define.ts'
export {
  type ColumnKind,
  type ComplexValue,
  isComplex,
  type PrimitiveName,
  primitives,
  type Scalar,
  type Timestamp,
  timestampOf,
  type Value,
} from './edm.ts'
export {
  type Action,
  actionsOf,
  type EntityType,
  KEY,
  type Navigation,
  parameterTypes,
  permissionsFor,
} from './entity-type.ts'
export { hasPayloadLinkResultItem } from './has-payload-link.ts'
export { scriptPermissions } from './permissions.ts'
export {
  type ComplexCollectionProperty,
  type ComplexProperty,
  type ComplexType,
  complexTypeNamed,
  isCollection,
  NAMESPACE,
  type PrimitiveProperty,
  type Property,
} from './property.ts'
export {
  deviceCustomAttributeShellScript,
  deviceHealthScript,
  deviceHealthScriptAssignment,
  deviceHealthScriptDeviceState,
  deviceHealthScriptRunSummary,
  deviceManagementScript,
  deviceManagementScriptAssignment,
  deviceManagementScriptDeviceState,
  deviceManagementScriptGroupAssignment,
  deviceManagementScriptRunSummary,
  deviceManagementScriptUserState,
  deviceShellScript,
  managedDevice,
}

/** The date of the published schema (CSDL of Graph beta) that the model follows. */
export const SCHEMA_DATE = '2026-07-31'

/** The model that Runstate serves. A new entity set is its file, one line below, and a migration. */
export const model: Model = createModel({
  entityTypes: [
    deviceManagementScript,
    deviceShellScript,
    deviceCustomAttributeShellScript,
    deviceManagementScriptAssignment,
    deviceManagementScriptGroupAssignment,
    deviceManagementScriptRunSummary,
    deviceManagementScriptDeviceState,
    deviceManagementScriptUserState,
    deviceHealthScript,
    deviceHealthScriptAssignment,
    deviceHealthScriptRunSummary,
    deviceHealthScriptDeviceState,
    managedDevice,
  ],
  versions: {
    beta: {
      deviceManagement: {
        deviceManagementScripts: 'deviceManagementScript',
        deviceShellScripts: 'deviceShellScript',
        deviceCustomAttributeShellScripts: 'deviceCustomAttributeShellScript',
        deviceHealthScripts: 'deviceHealthScript',
        managedDevices: 'managedDevice',
      },
    },
    'v1.0': { deviceManagement: {} },
  },
})
