import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAcceptable, isJsonType, metadataLevelOf, parseFormat } from './accept.ts'
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

describe('the level of metadata', () => {
  const levels: readonly (readonly [accept: string | undefined, level: string])[] = [
    [undefined, 'minimal'],
    ['', 'minimal'],
    ['*/*', 'minimal'],
    ['application/json', 'minimal'],
    ['application/json;odata.metadata=none', 'none'],
    ['application/json;odata.metadata=minimal', 'minimal'],
    ['application/json;odata.metadata=full', 'full'],
    ['application/json;metadata=full', 'full'],
    ['APPLICATION/JSON; ODATA.Metadata = "Full"', 'full'],
    ['application/json;IEEE754Compatible=false;odata.metadata=none;q=0.5', 'none'],
    ['text/plain, application/json;odata.metadata=none', 'none'],
    ['application/json;odata.metadata=fuller', 'minimal'],
    ['application/json;odata.metadata=all', 'minimal'],
    ['application/json;xmetadata=full', 'minimal'],
    ['odata.metadata=full', 'minimal'],
  ]
  for (const [accept, level] of levels) {
    test(`is ${level} for ${accept === undefined ? 'no header' : `'${accept}'`}`, () =>
      assert.equal(metadataLevelOf(accept), level))
  }
})

describe('the level of a format', () => {
  const levels = {
    json: 'minimal',
    JSON: 'minimal',
    'application/json': 'minimal',
    'application/json;odata.metadata=none': 'none',
    'application/json; metadata=full': 'full',
    '*/*': 'minimal',
  }
  for (const [format, level] of Object.entries(levels))
    test(`is ${level} for '${format}'`, () => assert.equal(parseFormat(format), level))

  for (const format of ['xml', 'atom', 'verbosejson', 'application/atom+xml', 'application/json;q=0']) {
    test(`is refused for '${format}'`, () => {
      assert.throws(() => parseFormat(format), { code: 'NotAcceptable' })
    })
  }
})

describe('a type', () => {
  for (const type of ['application/json', ' Application/JSON ; charset=utf-8', 'application/json;'])
    test(`is JSON: '${type}'`, () => assert.equal(isJsonType(type), true))

  for (const type of ['', 'json', 'application/jsonp', 'text/plain; application/json', 'application/json+x'])
    test(`is not JSON: '${type}'`, () => assert.equal(isJsonType(type), false))
})
