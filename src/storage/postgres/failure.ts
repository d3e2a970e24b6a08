import { ODataError } from '#odata/odata.ts'
import { tooComplex, unavailable } from '../refusals.ts'

/** What the driver throws for a statement or a connection. */
export class Failure extends Error {
  override readonly name = 'Failure'
  /** PostgreSQL's five characters; absent where it was not PostgreSQL that refused: the connection failed. */
  readonly sqlState: string | undefined

  constructor(cause: unknown, what = 'The database did not do what was asked') {
    super(what, { cause })
    this.sqlState = sqlStateOf(cause)
  }

  /** Whether the connection went with it: it broke, or the server or a pooler between said that it ends. */
  get isLoss(): boolean {
    return this.sqlState === undefined || /^(?:08|57P)/.test(this.sqlState)
  }

  /** What the driver says of it. */
  get reason(): string {
    return messageOf(this.cause)
  }
}

/** Of several addresses that do not answer the error has no message of its own. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '')
    return cause.errors.map((error) => messageOf(error)).join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}

function sqlStateOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error && 'code' in cause && typeof cause.code === 'string')) return undefined
  return 'severity' in cause ? cause.code : undefined
}

const UNIQUE_VIOLATION = '23505'
const FOREIGN_KEY_VIOLATION = '23503'
const INDEX_ROW_TOO_LARGE = '54000'
const UNDEFINED_OPERATOR = '42883'

/** What is said of a value, by its error of the class 22. */
const VALUES: Readonly<Record<string, string>> = {
  '22021': 'The character U+0000 can be in no value.',
  '22003': 'A number that is computed is too large.',
}
const OTHER_VALUE = 'A value does not fit what it is compared with or computed from.'
const TOO_LONG = 'A text by which lists are ordered is too long: 600 characters always fit.'

/**
 * What other transactions caused at the same time, and the same once more will not meet: a deadlock, a serialization that
 * failed, or a row that came or went between the question and the write. Asked again, the question has its answer.
 */
export function isOfOthers({ sqlState = '' }: Failure): boolean {
  return (
    sqlState === UNIQUE_VIOLATION ||
    sqlState === FOREIGN_KEY_VIOLATION ||
    ['40001', '40P01'].includes(sqlState)
  )
}

/** Classes of errors that blame the statement or its values. */
const REFUSALS: readonly string[] = ['0A', '21', '23', '2F', '3F', '42', '44', 'P0']

/**
 * The answer to what asked: a refusal of what the client sent, an outage, or the driver's own error, for a statement that
 * is a mistake of ours.
 */
export function refusalOf(failure: Failure): unknown {
  const { sqlState } = failure
  if (sqlState === undefined) return unavailable(failure)
  if (sqlState === UNIQUE_VIOLATION) {
    return new ODataError('Conflict', 'There already is an entity with this id.', { cause: failure })
  }
  if (sqlState === FOREIGN_KEY_VIOLATION) return unavailable(failure)
  const kind = sqlState.slice(0, 2)
  if (kind === '22') {
    return new ODataError('BadRequest', VALUES[sqlState] ?? OTHER_VALUE, { cause: failure })
  }
  if (sqlState === INDEX_ROW_TOO_LARGE && failure.reason.startsWith('index row')) {
    return new ODataError('BadRequest', TOO_LONG, { cause: failure })
  }
  if (kind === '54') return tooComplex(failure)
  return REFUSALS.includes(kind) ? failure : unavailable(failure)
}

/** The answer to a page that could not be read: a token that was forged may compare what cannot be compared. */
export function refusalOfPage(failure: Failure, isContinued: boolean): unknown {
  return isContinued && failure.sqlState === UNDEFINED_OPERATOR
    ? new ODataError('BadRequest', "The '$skiptoken' is none that this service gave.", { cause: failure })
    : refusalOf(failure)
}

/** Gives what comes, and what fails as the answer to it. */
export async function answering<T>(
  work: Promise<T>,
  answer: (failure: Failure) => unknown = refusalOf,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof Failure ? answer(error) : error
  }
}

/** The error in one sentence for a database that cannot be worked with; its password is not in it. */
export function unusable(database: string, cause: Failure): Error {
  const { host, pathname } = new URL(database)
  return new Error(
    `The database ${host}${pathname} cannot be used: see that it runs and lets you in, or give another with --database (${cause.reason}).`,
    { cause },
  )
}
