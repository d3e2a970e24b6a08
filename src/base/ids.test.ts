import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { guidOf, isGuid, newGuid } from './ids.ts'

const GUID = '0f8fad5b-d9cb-469f-a165-70867728950e'

describe('a GUID', () => {
  for (const text of [GUID, GUID.toUpperCase(), '00000000-0000-0000-0000-000000000000']) {
    test(`is ${text}`, () => assert(isGuid(text)))
  }

  const others = [
    ['empty', ''],
    ['in braces', `{${GUID}}`],
    ['without its hyphens', GUID.replaceAll('-', '')],
    ['a digit short', GUID.slice(1)],
    ['a digit long', `${GUID}0`],
    ['with a letter past f', GUID.replace('f', 'g')],
    ['with a line end after it', `${GUID}\n`],
    ['with a space before it', ` ${GUID}`],
    ['two in a row', `${GUID}:${GUID}`],
    ['with a digit of another script', GUID.replace('0', '٠')],
  ] as const
  for (const [what, text] of others) {
    test(`is not a text that is ${what}`, () => assert(!isGuid(text)))
  }
})

describe('a new GUID', () => {
  test('is a random one in lower case', () => {
    const guid = newGuid()
    assert(isGuid(guid))
    assert.match(guid, /^[0-9a-f-]{14}4[0-9a-f]{3}-[89ab]/)
  })

  test('is never one that was there before', () => {
    assert.equal(new Set(Array.from({ length: 1000 }, newGuid)).size, 1000)
  })
})

describe('the GUID of a text', () => {
  test('is a GUID by its version and variant, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.match(guidOf(text), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
      }),
    )
  })

  test('stays the same from one run to the next', () => {
    assert.equal(guidOf('admin@contoso.com'), 'ce03fbf1-5baa-5c1f-a001-c1c2183d560f')
    assert.equal(guidOf(''), 'e3b0c442-98fc-5c14-aafb-f4c8996fb924')
  })

  test('differs where the text differs', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        assert.equal(guidOf(a) === guidOf(b), a === b)
      }),
    )
  })
})
