import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import { describe, test } from 'node:test'
import { type ErrorCode, errorStatus, formatError, ODataError } from './errors.ts'

const codes = Object.keys(errorStatus)
const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

const occasion = {
  at: Date.UTC(2026, 10, 23, 18, 0, 0, 999),
  requestId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  clientRequestId: 'mine',
}

describe('docs/errors.md', () => {
  const headings = [...page.matchAll(/^## +(.+?) *$/gm)].map(([, heading = '']) => heading)

  test('has a heading for every code, and no other of that level', () => {
    assert.deepEqual(headings.toSorted(), codes.toSorted())
  })

  for (const [code, status] of Object.entries(errorStatus)) {
    test(`says of ${code} its status, and what to do`, () => {
      const [section = ''] = page.split(`## ${code}\n`).slice(1)
      assert.match(section, new RegExp(`^\\s*${status}\\.\\s+\\S`))
    })
  }
})

describe('the status of', () => {
  for (const [code, status] of Object.entries(errorStatus)) {
    test(`${code} is one that HTTP knows, and not a success`, () => {
      assert(status >= 400 && STATUS_CODES[status] !== undefined)
    })
  }
})

describe('an ODataError', () => {
  test('has its code, the status of it and its message', () => {
    const error = new ODataError('ResourceNotFound', 'There is no such thing.')
    assert.deepEqual(
      [error.name, error.code, error.status, error.message, error.headers, error.cause],
      ['ODataError', 'ResourceNotFound', 404, 'There is no such thing.', {}, undefined],
    )
    assert(error instanceof Error)
  })

  test('keeps headers for the answer and a cause for the log', () => {
    const cause = new Error('disk')
    const error = new ODataError('ServiceUnavailable', 'Later.', { headers: { 'retry-after': '1' }, cause })
    assert.deepEqual(error.headers, { 'retry-after': '1' })
    assert.equal(error.cause, cause)
  })
})

describe('the body of an error', () => {
  const inner = {
    date: '2026-11-23T18:00:00',
    'request-id': '0f8fad5b-d9cb-469f-a165-70867728950e',
    'client-request-id': 'mine',
  }

  test('has Graph’s shape, its date in whole seconds without a zone', () => {
    const body = formatError(new ODataError('Forbidden', 'No.'), occasion)
    assert.equal(body, JSON.stringify({ error: { code: 'Forbidden', message: 'No.', innerError: inner } }))
  })

  test('of a model validation failure says its message inside, first', () => {
    const body = formatError(new ODataError('ModelValidationFailure', 'No.'), occasion)
    const innerError = { message: 'No.', ...inner }
    assert.equal(
      body,
      JSON.stringify({ error: { code: 'ModelValidationFailure', message: 'No.', innerError } }),
    )
  })

  test('of any other code says it once', () => {
    const others: readonly ErrorCode[] = ['BadRequest', 'Conflict', 'InternalServerError', 'RequestTimeout']
    for (const code of others) {
      assert.equal(formatError(new ODataError(code, 'Once.'), occasion).split('Once.').length, 2)
    }
  })

  test('never has the cause, the headers or the stack', () => {
    const error = new ODataError('ServiceUnavailable', 'Later.', {
      headers: { allow: 'secret' },
      cause: new Error('secret'),
    })
    assert.doesNotMatch(formatError(error, occasion), /secret|errors\.test/)
  })

  test('is JSON whatever the message has', () => {
    const message = '"\n\u0000\ud800</script>'
    const body: unknown = JSON.parse(formatError(new ODataError('BadRequest', message), occasion))
    assert.deepEqual(body, { error: { code: 'BadRequest', message, innerError: inner } })
  })
})
