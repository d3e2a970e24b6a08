import { spawnSync } from 'node:child_process'

/** Without them, root too is refused what the permissions of a file refuse. */
const DROP = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']

const isRoot = process.getuid?.() === 0
const canDrop = !isRoot || spawnSync('setpriv', ['--version']).status === 0

/** The command in front of another that holds it to the permissions of files. */
export const unprivileged: readonly string[] = isRoot && canDrop ? DROP : []

/** Why a test of permissions is skipped; false where it is not, and always in CI. */
export const noPermissions: string | false =
  process.platform === 'win32'
    ? 'no permissions of files here'
    : !canDrop && process.env['CI'] !== 'true' && 'no setpriv here, to be less than root'
