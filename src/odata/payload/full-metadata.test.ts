import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Property } from '#model/model.ts'
import { types } from '../../../test/support/storage.ts'
import { entityAnnotations, linkAnnotations, typeAnnotation } from './full-metadata.ts'

const URL_OF = "https://graph.microsoft.com/beta/deviceManagement/deviceShellScripts('s')"

test('an entity says its id and where it is edited', () => {
  assert.deepEqual(entityAnnotations(URL_OF), { '@odata.id': URL_OF, '@odata.editLink': URL_OF })
})

describe('the type of a property is', () => {
  const annotations: readonly (readonly [keyof typeof types, property: string, said: string | undefined])[] =
    [
      ['shell', 'displayName', undefined],
      ['shell', 'retryCount', undefined],
      ['shell', 'blockExecutionNotifications', undefined],
      ['shell', 'createdDateTime', '#DateTimeOffset'],
      ['shell', 'executionFrequency', '#Duration'],
      ['shell', 'scriptContent', '#Binary'],
      ['shell', 'runAsAccount', '#microsoft.graph.runAsAccountType'],
      ['shell', 'roleScopeTagIds', '#Collection(String)'],
      ['assignment', 'target', undefined],
      ['health', 'detectionScriptParameters', '#Collection(microsoft.graph.deviceHealthScriptParameter)'],
    ]
  for (const [type, name, said] of annotations) {
    test(`${said ?? 'not said'} of ${type}/${name}`, () => {
      const property: Property =
        types[type].properties.find((each) => each.name === name) ?? assert.fail(name)
      const expected = said === undefined ? {} : { [`${name}@odata.type`]: said }
      assert.deepEqual(typeAnnotation(property), expected)
    })
  }
})

describe('the links of', () => {
  test('a script are its navigations, and the actions that are done to one', () => {
    const { navigations } = types.shell
    const names = [...navigations.values()].flatMap(({ name }) => [
      [`${name}@odata.associationLink`, `${URL_OF}/${name}/$ref`],
      [`${name}@odata.navigationLink`, `${URL_OF}/${name}`],
    ])
    const assign = { title: 'microsoft.graph.assign', target: `${URL_OF}/microsoft.graph.assign` }
    const links = linkAnnotations(types.shell, URL_OF)
    assert.deepEqual(links, { ...Object.fromEntries(names), '#microsoft.graph.assign': assign })
    assert.equal(Object.keys(links).length, 11)
  })

  test('a script of a family with an action on all of them are the same: that one is not offered', () => {
    const names = Object.keys(linkAnnotations(types.management, URL_OF))
    assert.deepEqual(
      names.filter((name) => name.startsWith('#')),
      ['#microsoft.graph.assign'],
    )
  })

  test('an entity with neither are none', () => {
    assert.deepEqual(linkAnnotations(types.device, URL_OF), {})
  })
})
