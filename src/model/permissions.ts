import type { PermissionTable } from './define.ts'

const SCRIPTS_READ = 'DeviceManagementScripts.Read.All'
const SCRIPTS_WRITE = 'DeviceManagementScripts.ReadWrite.All'
const CONFIGURATION_READ = 'DeviceManagementConfiguration.Read.All'
const CONFIGURATION_WRITE = 'DeviceManagementConfiguration.ReadWrite.All'
const DEVICES_READ = 'DeviceManagementManagedDevices.Read.All'
const DEVICES_WRITE = 'DeviceManagementManagedDevices.ReadWrite.All'

/** The scripts themselves, as the pages say since the change of July 2025. */
export const scriptPermissions = tableOf([SCRIPTS_READ, SCRIPTS_WRITE], [SCRIPTS_WRITE])

/** Everything below a script: run states, summaries, assignments. */
export const childPermissions = tableOf(
  [CONFIGURATION_READ, CONFIGURATION_WRITE, DEVICES_READ, DEVICES_WRITE],
  [CONFIGURATION_WRITE, DEVICES_WRITE],
)

/** Everything below a health script. */
export const configurationPermissions = tableOf(
  [CONFIGURATION_READ, CONFIGURATION_WRITE],
  [CONFIGURATION_WRITE],
)

/** The devices themselves. */
export const devicePermissions = tableOf([DEVICES_READ, DEVICES_WRITE], [DEVICES_WRITE])

/** The action hasPayloadLinks, which the change of July 2025 passed by. */
export const payloadLinkPermissions = [CONFIGURATION_READ, CONFIGURATION_WRITE] as const

function tableOf(read: readonly string[], write: readonly string[]): Required<PermissionTable> {
  return { list: read, get: read, create: write, update: write, delete: write }
}
