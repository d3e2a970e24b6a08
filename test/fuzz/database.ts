/** What holds of the database whenever nothing is being written. */
import { DatabaseSync } from 'node:sqlite'
import { ALL_DEVICES, ALL_USERS } from '#model/model.ts'

/** What was set by a client, so that it need not be what it would be counted or named to. */
export interface Touched {
  /** The ids of scripts whose summary was set. */
  readonly summaries: ReadonlySet<string>
  /** The ids of assignments whose target was set. */
  readonly assignments: ReadonlySet<string>
}

interface Family {
  readonly script: string
  readonly children: readonly string[]
  readonly assignment: string
  readonly summary: string
  readonly counters: Readonly<Record<string, readonly [table: string, condition: string]>>
}

const health = (condition: string): readonly [string, string] => ['health_device_state', condition]

/** The counters, written down once more by hand: enumerations are kept as numbers. */
const FAMILIES: readonly Family[] = [
  {
    script: 'script',
    children: ['user_state', 'device_state', 'assignment', 'run_summary'],
    assignment: 'assignment',
    summary: 'run_summary',
    counters: {
      success_device_count: ['device_state', 'run_state = 1'],
      error_device_count: ['device_state', 'run_state IN (2, 3)'],
      success_user_count: ['user_state', 'success_device_count > 0 AND error_device_count = 0'],
      error_user_count: ['user_state', 'error_device_count > 0'],
    },
  },
  {
    script: 'health_script',
    children: ['health_device_state', 'health_assignment', 'health_run_summary'],
    assignment: 'health_assignment',
    summary: 'health_run_summary',
    counters: {
      no_issue_detected_device_count: health('detection_state = 1'),
      issue_detected_device_count: health('detection_state = 2'),
      detection_script_error_device_count: health('detection_state = 3'),
      detection_script_pending_device_count: health('detection_state = 4'),
      detection_script_not_applicable_device_count: health('detection_state = 5'),
      issue_remediated_device_count: health('remediation_state = 2'),
      remediation_skipped_device_count: health('remediation_state = 1'),
      issue_reoccurred_device_count: health('remediation_state = 3'),
      remediation_script_error_device_count: health('remediation_state = 4'),
    },
  },
]

/** One line for each rule that the database breaks. */
export function databaseBreaches(file: string, touched: Touched): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return [
      ...FAMILIES.flatMap((family) => [...familyBreaches(database, family, touched)]),
      ...foldBreaches(database),
    ]
  } finally {
    database.close()
  }
}

/** One line for each fault that SQLite itself finds in the file. */
export function integrityBreaches(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const checked = database
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => String(row['integrity_check']))
    const dangling = database
      .prepare('PRAGMA foreign_key_check')
      .all()
      .map((row) => JSON.stringify(row))
    return [...checked.filter((line) => line !== 'ok'), ...dangling]
  } finally {
    database.close()
  }
}

function* familyBreaches(database: DatabaseSync, family: Family, touched: Touched): Iterable<string> {
  const { script, children, summary } = family
  for (const child of children) {
    const orphans = database.prepare(orphansOf(child, script)).get()?.['count']
    if (orphans !== 0) yield `${child}: ${orphans} rows have no ${script}`
  }
  const without = database.prepare(`SELECT COUNT(*) AS count FROM ${script} AS s
    WHERE 1 <> (SELECT COUNT(*) FROM ${summary} AS m WHERE m.tenant = s.tenant AND m.${script} = s.number AND m.id = s.id)`)
  const lacking = without.get()?.['count']
  if (lacking !== 0) yield `${script}: ${lacking} rows have no ${summary}, or more than one`
  yield* counterBreaches(database, family, touched.summaries)
  yield* assignmentBreaches(database, family, touched.assignments)
}

/** What a deletion left behind is in the table of what is to be purged. */
function orphansOf(child: string, script: string): string {
  return `SELECT COUNT(*) AS count FROM ${child} AS c
    WHERE NOT EXISTS (SELECT 1 FROM ${script} AS s WHERE s.tenant = c.tenant AND s.number = c.${script})
    AND NOT EXISTS (SELECT 1 FROM purge AS p WHERE p.tenant = c.tenant
      AND (p.parent_table = '' OR (p.parent_table = '${script}' AND p.parent = c.${script})))`
}

function* counterBreaches(
  database: DatabaseSync,
  { script, summary, counters }: Family,
  touched: ReadonlySet<string>,
): Iterable<string> {
  for (const [counter, [table, condition]] of Object.entries(counters)) {
    const rows = database
      .prepare(`SELECT s.id AS id,
        (SELECT SUM(${counter}) FROM ${summary} AS m WHERE m.tenant = s.tenant AND m.${script} = s.number) AS kept,
        (SELECT COUNT(*) FROM ${table} AS t WHERE t.tenant = s.tenant AND t.${script} = s.number AND ${condition}) AS counted
        FROM ${script} AS s`)
      .all()
    for (const { id, kept, counted } of rows) {
      if (kept !== counted && !touched.has(String(id)))
        yield `${summary}.${counter} of ${id} is ${kept}, and there are ${counted}`
    }
  }
}

function* assignmentBreaches(
  database: DatabaseSync,
  { script, assignment }: Family,
  touched: ReadonlySet<string>,
): Iterable<string> {
  const rows = database
    .prepare(`SELECT a.id AS id, s.id AS script, target_type AS type, target_group_id AS groupId,
      target_collection_id AS collectionId FROM ${assignment} AS a JOIN ${script} AS s ON s.tenant = a.tenant AND s.number = a.${script}`)
    .all()
  for (const { id, script: scriptId, type, groupId, collectionId } of rows) {
    const identities: Readonly<Record<string, unknown>> = {
      groupAssignmentTarget: groupId,
      exclusionGroupAssignmentTarget: groupId,
      allDevicesAssignmentTarget: ALL_DEVICES,
      allLicensedUsersAssignmentTarget: ALL_USERS,
      configurationManagerCollectionAssignmentTarget: collectionId,
    }
    const identity = identities[String(type)] ?? null
    const isRight = identity === null ? GUID.test(String(id)) : id === `${scriptId}:${identity}`
    if (!isRight && !touched.has(String(id))) yield `${assignment} ${id} is of ${type} ${String(identity)}`
  }
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Folded columns are those beside them, folded. */
function* foldBreaches(database: DatabaseSync): Iterable<string> {
  const columns = database
    .prepare(`SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
      WHERE t.type = 'table' AND c.name LIKE '%\\_fold' ESCAPE '\\'`)
    .all()
  for (const { table, column } of columns) {
    const plain = String(column).replace(/_fold$/, '')
    const rows = database.prepare(`SELECT ${plain} AS plain, ${column} AS folded FROM ${table}`).all()
    for (const { plain: text, folded } of rows) {
      if (folded !== (typeof text === 'string' ? text.toLowerCase() : null))
        yield `${table}.${column} of ${JSON.stringify(text)} is ${JSON.stringify(folded)}`
    }
  }
}
