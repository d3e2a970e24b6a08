import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { model } from '#model/model.ts'
import { parsePath, type ResourcePath } from './path.ts'
import { PathReader } from './path-reader.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

/** What reading a path came to: the path that it is, or the refusal's words. */
function attempt(read: () => ResourcePath): ResourcePath | string {
  try {
    return read()
  } catch (error) {
    assert(error instanceof Error)
    return error.message
  }
}

/** Segments that paths are made of, in every spelling that means something. */
const segment = fc.constantFrom(
  ...['', 'x', 'y', '$count', '$COUNT', '$x', '%24count', '%', 'x%2Fy', '%00', 'a\0b', '%E5%AD%97', "it's"],
  ...['userRunStates', 'USERRUNSTATES', 'deviceRunStates', 'runSummary', 'assignments', 'managedDevice'],
  ...[
    "userRunStates('x')",
    "userRunStates(id='it''s')",
    "('x')",
    "x('y')",
    'assign',
    'Assign',
    'hasPayloadLinks',
  ],
  ...[
    'deviceShellScripts',
    "deviceShellScripts('x')",
    'deviceHealthScripts',
    'initiateOnDemandProactiveRemediation',
  ],
  ...['getRemediationSummary', 'enableGlobalScripts', 'nothing'],
)
const path = fc
  .tuple(fc.constantFrom('/beta/deviceManagement', '/BETA//devicemanagement', '/v1.0', ''), fc.array(segment))
  .map(([root, segments]) => [root, ...segments].join('/'))

describe('a path reader', () => {
  test('reads every path as if it were the first', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 30 }), (paths) => {
        const reader = new PathReader(model)
        for (const each of [...paths, ...paths]) {
          assert.deepEqual(
            attempt(() => reader.read(each)),
            attempt(() => parsePath(each, model)),
          )
        }
      }),
      { numRuns: 1000 },
    )
  })

  for (const last of [
    '',
    '$count',
    '$COUNT',
    '$value',
    '%24count',
    'x%2Fy',
    '%',
    'a\0b',
    'x',
    "x('y')",
    'assign',
  ]) {
    test(`reads ${SCRIPTS}/${JSON.stringify(last)} after another entity of the collection`, () => {
      const reader = new PathReader(model)
      reader.read(`${SCRIPTS}/other`)
      const target = `${SCRIPTS}/${last}`
      assert.deepEqual(
        attempt(() => reader.read(target)),
        attempt(() => parsePath(target, model)),
      )
    })
  }

  for (const collection of ['deviceHealthScripts', 'deviceManagementScripts']) {
    test(`takes an action on ${collection} for no key`, () => {
      const root = `/beta/deviceManagement/${collection}`
      const reader = new PathReader(model)
      const [actions] = [reader.read(`${root}/other`).navigation.target.actions]
      for (const { name } of actions.values()) {
        assert.deepEqual(reader.read(`${root}/${name}`), parsePath(`${root}/${name}`, model), name)
      }
    })
  }

  test('reads the same entity of the same collection in the same way twice', () => {
    const reader = new PathReader(model)
    const target = `${SCRIPTS}/s/userRunStates/u`
    const first = reader.read(target)
    const again = reader.read(target)
    assert.deepEqual(again, first)
    // What they have in common was read once.
    assert.equal(again.parents, first.parents)
  })

  test('remembers some collections, not all there ever were', () => {
    const reader = new PathReader(model)
    const read = (script: number) => reader.read(`${SCRIPTS}/s${script}/userRunStates/u`)
    const first = read(0)
    assert.equal(read(0).parents, first.parents)
    for (let script = 1; script <= 1000; script += 1) read(script)
    assert.notEqual(read(0).parents, first.parents)
    assert.deepEqual(read(0), first)
  })

  test('remembers no collection whose path is long', () => {
    const reader = new PathReader(model)
    const target = `${SCRIPTS}/${'s'.repeat(1000)}/userRunStates/u`
    assert.notEqual(reader.read(target).parents, reader.read(target).parents)
  })
})
