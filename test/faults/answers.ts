/** What an answer says of its request, by what may be expected of the server. */
import type { Answer } from './client.ts'

/** A server that has all it needs; one whose database was taken away, and may be back; one that was killed. */
export type Phase = 'served' | 'disturbed' | 'killed'

/** What a request came to; `wrong` where it was not done, and should have been, or was not refused as it should be. */
export type Outcome = 'done' | 'refused' | 'unknown' | 'wrong'

const UNCHANGED = 'The service is temporarily unavailable and nothing was changed. Please try again.'
const UNCERTAIN = 'The database was lost while it stored this: read whether it did before trying again.'

/** Reads an answer. A part of a batch is refused where one that it depends on was. */
export function outcomeOf({ status, headers, body }: Answer, phase: Phase): Outcome {
  if (status >= 200 && status < 300) return 'done'
  if (phase !== 'disturbed') return 'wrong'
  const { code, message } = Object(body['error'])
  if (status === 424) return code === 'FailedDependency' ? 'refused' : 'wrong'
  if (status !== 503 || code !== 'ServiceUnavailable' || headers.get('retry-after') !== '5') return 'wrong'
  if (message === UNCERTAIN) return 'unknown'
  return message === UNCHANGED ? 'refused' : 'wrong'
}
