import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { model, timestampOf } from '#model/model.ts'
import { parsePath } from './path.ts'
import { type OptionsTarget, parseOptions } from './query/options.ts'
import { contextUrl, entityUrl, resourceUrl, type Selection } from './urls.ts'

const ORIGIN = 'https://graph.microsoft.com'
const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

function selectionOf(query: string, type: OptionsTarget['type']): Selection {
  return parseOptions(query, { type, kind: 'entity', now: timestampOf(0) })
}

describe('the context of', () => {
  const contexts = [
    [SCRIPTS, '#deviceManagement/deviceShellScripts'],
    ['/Beta/devicemanagement/deviceshellscripts/', '#deviceManagement/deviceShellScripts'],
    [`${SCRIPTS}/s`, '#deviceManagement/deviceShellScripts/$entity'],
    [`${SCRIPTS}/s/userRunStates`, "#deviceManagement/deviceShellScripts('s')/userRunStates"],
    [`${SCRIPTS}('s')/userRunStates('u')`, "#deviceManagement/deviceShellScripts('s')/userRunStates/$entity"],
    [
      `${SCRIPTS}/it's a:b/userRunStates`,
      "#deviceManagement/deviceShellScripts('it''s%20a:b')/userRunStates",
    ],
  ] as const
  for (const [text, context] of contexts) {
    test(text, () => {
      const path = parsePath(text, model)
      assert.equal(
        contextUrl(ORIGIN, path, { isEntity: path.kind === 'entity' }),
        `${ORIGIN}/beta/$metadata${context}`,
      )
    })
  }

  const ends: Readonly<Record<string, string>> = {
    '$select=id,displayName': '(id,displayName)',
    '$select=DISPLAYNAME,ID': '(id,displayName)',
    '$select=*': '',
    '$expand=assignments': '(assignments())',
    '$select=id&$expand=assignments($select=id)': '(id,assignments(id))',
    '$expand=userRunStates($expand=deviceRunStates($select=runState)),runSummary':
      '(userRunStates(deviceRunStates(runState)),runSummary())',
  }
  for (const [query, members] of Object.entries(ends)) {
    test(`what ${query} chooses has it in parentheses, before the end of an entity`, () => {
      for (const [text, rest] of [
        [SCRIPTS, ''],
        [`${SCRIPTS}/s`, '/$entity'],
      ] as const) {
        const path = parsePath(text, model)
        const selection = selectionOf(query, path.navigation.target)
        const context = contextUrl('', path, { isEntity: path.kind !== 'collection', selection })
        assert.equal(context, `/beta/$metadata#deviceManagement/deviceShellScripts${members}${rest}`)
      }
    })
  }

  test('a single entity has what is chosen of it', () => {
    const path = parsePath(`${SCRIPTS}/s/runSummary`, model)
    const selection = selectionOf('$select=successUserCount', path.navigation.target)
    assert.equal(
      contextUrl('', path, { isEntity: true, selection }),
      "/beta/$metadata#deviceManagement/deviceShellScripts('s')/runSummary(successUserCount)/$entity",
    )
  })

  test('an entity that was created in a collection is that of an entity', () => {
    const context = contextUrl(ORIGIN, parsePath(SCRIPTS, model), { isEntity: true })
    assert.equal(context, `${ORIGIN}/beta/$metadata#deviceManagement/deviceShellScripts/$entity`)
  })
})

describe('the URL of', () => {
  test('a collection has the keys of its parents as segments, and names as the model writes them', () => {
    const path = parsePath("/BETA/devicemanagement/deviceshellscripts('s:1')/userrunstates/", model)
    assert.equal(resourceUrl(ORIGIN, path), `${ORIGIN}${SCRIPTS}/s:1/userRunStates`)
  })

  test('an entity in it has its key as a segment', () => {
    const path = parsePath(`${SCRIPTS}/s/userRunStates`, model)
    assert.equal(resourceUrl(ORIGIN, path, 'a b/c'), `${ORIGIN}${SCRIPTS}/s/userRunStates/a%20b%2Fc`)
  })

  const inParentheses = { '': "('')", '.': "('.')", '..': "('..')", $count: "('%24count')" }
  for (const [key, written] of Object.entries(inParentheses)) {
    test(`the key '${key}' has it in parentheses, for a segment of it would be something else`, () => {
      const path = parsePath(SCRIPTS, model)
      assert.equal(resourceUrl(ORIGIN, path, key), `${ORIGIN}${SCRIPTS}${written}`)
    })
  }
})

describe('the URL by which control information names', () => {
  const urls = [
    [SCRIPTS, 's', `${SCRIPTS}('s')`],
    [`${SCRIPTS}/s/userRunStates`, "it's", `${SCRIPTS}('s')/userRunStates('it''s')`],
    [
      `${SCRIPTS}/a:b/userRunStates/u/deviceRunStates`,
      'a b',
      `${SCRIPTS}('a:b')/userRunStates('u')/deviceRunStates('a%20b')`,
    ],
    [`${SCRIPTS}/s/runSummary`, 'summary', `${SCRIPTS}('s')/runSummary`],
  ] as const
  for (const [collection, key, url] of urls) {
    test(`an entity of ${collection} has all keys in parentheses: ${url}`, () => {
      assert.equal(entityUrl(ORIGIN, parsePath(collection, model), key), `${ORIGIN}${url}`)
    })
  }
})

/** Whatever a key may be made of: no value has a U+0000. */
const keys = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom("'", '(', ')', '/', '%', '$', '.', ':', '?', '#', 'a', ' ', '+', '='),
    }),
  )
  .filter((key) => !key.includes('\0'))

describe('any key comes back as it was', () => {
  test('from the URL of an entity, even after a client has read it', () => {
    fc.assert(
      fc.property(keys, keys, (parent, key) => {
        const path = parsePath(`${SCRIPTS}/s/userRunStates`, model)
        const states = { ...path, parents: path.parents.map((step) => ({ ...step, key: parent })) }
        const url = resourceUrl(ORIGIN, states, key)
        for (const text of [url.slice(ORIGIN.length), new URL(url).pathname]) {
          const read = parsePath(text, model)
          assert.equal(read.kind, 'entity')
          assert.deepEqual([read.parents[0]?.key, read.kind === 'entity' && read.key], [parent, key])
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('from the parentheses of a context', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const path = parsePath(`${SCRIPTS}/s/userRunStates`, model)
        const states = { ...path, parents: path.parents.map((step) => ({ ...step, key })) }
        const [, fragment = ''] = contextUrl(ORIGIN, states, { isEntity: false }).split('#')
        assert.equal(parsePath(`/beta/${fragment}`, model).parents[0]?.key, key)
      }),
      { numRuns: 1000 },
    )
  })
})
