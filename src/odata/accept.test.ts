import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAcceptable } from './accept.ts'
import { ODataError } from './errors.ts'

const JSON_ONLY = ['application/json']

describe('JSON is sent', () => {
  for (const accept of [
    undefined,
    '',
    ' ',
    '*/*',
    'application/*',
    'application/json',
    'APPLICATION/JSON',
    'application/json;odata.metadata=full',
    'application/json ; q=0.1, application/xml',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'application/xml, */*;q=0.001',
    'application/json;q=1, */*;q=0',
  ]) {
    test(`for ${accept === undefined ? 'no header' : `'${accept}'`}`, () =>
      assertAcceptable(accept, JSON_ONLY))
  }
})

describe('nothing can be sent', () => {
  for (const accept of [
    'application/xml',
    'text/html',
    'application/json;q=0',
    'application/json; q=0.000, */*',
    'application/*;q=0, */*',
    'application/jsonx',
    'json',
  ]) {
    test(`for '${accept}'`, () => {
      assert.throws(
        () => assertAcceptable(accept, JSON_ONLY),
        (error) => error instanceof ODataError && error.code === 'NotAcceptable',
      )
    })
  }
})

test('one of several types is enough', () => {
  assertAcceptable('text/plain', ['text/plain', 'application/json'])
  assertAcceptable('application/json', ['text/plain', 'application/json'])
})
