import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outcomeOf } from './answers.ts'

const UNCHANGED = 'The service is temporarily unavailable and nothing was changed. Please try again.'
const UNCERTAIN = 'The database was lost while it stored this: read whether it did before trying again.'

interface Given {
  readonly status?: number
  readonly code?: string
  readonly message?: string
  readonly retryAfter?: string
}

/** A refusal by a server without its database, but for what is given. */
function answer({
  status = 503,
  code = 'ServiceUnavailable',
  message = UNCHANGED,
  retryAfter = '5',
}: Given = {}) {
  return { status, headers: new Headers({ 'retry-after': retryAfter }), body: { error: { code, message } } }
}

describe('an answer', () => {
  for (const phase of ['served', 'disturbed', 'killed'] as const) {
    test(`of success is one, also of a server that is ${phase}`, () => {
      assert.equal(outcomeOf(answer({ status: 204 }), phase), 'done')
    })
  }

  for (const phase of ['served', 'killed'] as const) {
    test(`of refusal is wrong of a server that is ${phase}`, () => {
      assert.equal(outcomeOf(answer(), phase), 'wrong')
    })
  }

  for (const [title, given, outcome] of [
    ['that nothing was changed is a refusal', {}, 'refused'],
    ['that nobody knows leaves open what was done', { message: UNCERTAIN }, 'unknown'],
    ['with another text is wrong', { message: 'Something happened.' }, 'wrong'],
    ['with another code is wrong', { code: 'InternalServerError' }, 'wrong'],
    ['that does not say when to try again is wrong', { retryAfter: '' }, 'wrong'],
    ['of a failure of ours is wrong', { status: 500 }, 'wrong'],
    ['that another part failed is a refusal', { status: 424, code: 'FailedDependency' }, 'refused'],
    ['that something is not there is wrong', { status: 404, code: 'ResourceNotFound' }, 'wrong'],
  ] as const) {
    test(`${title}, of a server without its database`, () => {
      assert.equal(outcomeOf(answer(given), 'disturbed'), outcome)
    })
  }
})
