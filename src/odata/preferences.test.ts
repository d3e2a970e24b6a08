import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Preferences, parsePreferences } from './preferences.ts'

function withNone(given: Partial<Preferences>): Preferences {
  return { returns: undefined, maxPageSize: undefined, ...given }
}

describe('the preferences of', () => {
  const minimal = withNone({ returns: 'minimal' })
  const of50 = withNone({ maxPageSize: 50 })
  const headers: readonly (readonly [header: string | undefined, preferences: Preferences])[] = [
    [undefined, withNone({})],
    ['', withNone({})],
    [' , ;,', withNone({})],
    ['return=minimal', minimal],
    ['Return = "Minimal"', minimal],
    ['respond-async, return=minimal; wait=5', minimal],
    ['return=representation', withNone({ returns: 'representation' })],
    ['return=representation, return=minimal', withNone({ returns: 'representation' })],
    ['return=minimalist', withNone({})],
    ['return', withNone({})],
    ['noreturn=minimal', withNone({})],
    ['odata.maxpagesize=50', of50],
    ['maxpagesize=50', of50],
    ['OData.MaxPageSize="050"', of50],
    ['maxpagesize=10, odata.maxpagesize=50', of50],
    ['odata.maxpagesize=50,odata.maxpagesize=10', of50],
    ['odata.maxpagesize=50, return=minimal', { returns: 'minimal', maxPageSize: 50 }],
    ['odata.maxpagesize=0', withNone({})],
    ['odata.maxpagesize=00', withNone({})],
    ['odata.maxpagesize=-1', withNone({})],
    ['odata.maxpagesize=1.5', withNone({})],
    ['odata.maxpagesize=many', withNone({})],
    ['odata.maxpagesize=', withNone({})],
    ['odata.maxpagesize', withNone({})],
    ['include-annotations="*"', withNone({})],
  ]
  for (const [header, preferences] of headers) {
    test(`${header === undefined ? 'no header' : `'${header}'`} are ${JSON.stringify(preferences)}`, () =>
      assert.deepEqual(parsePreferences(header), preferences))
  }

  test('a header as long as one may be are read in no time', () => {
    const began = performance.now()
    for (const part of [' ', '=', '"', 'a ', ' =']) parsePreferences(part.repeat(8000))
    assert(performance.now() - began < 1000)
  })
})
