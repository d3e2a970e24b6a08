import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Profile, type QuirkName, quirks, quirksOf } from './quirks.ts'

const NAMES: readonly QuirkName[] = [
  'type-annotation',
  'delete-status',
  'listed-content',
  'set-once-members',
  'negative-counts',
  'assign-status',
  'shared-navigations',
  'script-permissions-below',
  'error-shape',
  'unrouted-navigations',
  'writable-run-states',
  'virtual-groups',
  'group-ids',
  'id-in-creation',
  'empty-content',
  'member-order',
]
const PROFILES: readonly Profile[] = ['documented', 'observed']

describe('the table of quirks', () => {
  test('has these rows and no other', () => {
    assert.deepEqual(Object.keys(quirks), NAMES)
  })

  for (const name of NAMES) {
    test(`${name} has two behaviours or more, those of both profiles among them, and its evidence`, () => {
      const { behaviours, documented, observed, evidence } = quirks[name]
      const known = new Set<unknown>(behaviours)
      assert(known.size === behaviours.length && known.size > 1)
      assert(known.has(documented) && known.has(observed))
      assert.match(evidence, /^[A-Z].+\.$/)
    })
  }
})

describe('a profile', () => {
  for (const profile of PROFILES) {
    test(`${profile} answers with its own column`, () => {
      const inForce = quirksOf(profile)
      for (const name of NAMES) assert.equal(inForce(name), quirks[name][profile])
    })
  }

  const documented = [
    ...['present', 204, 'present', 'writable', 'refused', 204, 'refused', 'refused'],
    ...['plain', 'routed', 'routed', 'kept', 'any', 'ignored', 'accepted', 'documented'],
  ]

  test('documented is the contract: annotation, content in lists, 204, everything writable', () => {
    assert.deepEqual(NAMES.map(quirksOf('documented')), documented)
  })

  test('observed is what recordings show', () => {
    const inForce = quirksOf('observed')
    const behaviours = [
      ...['absent', 200, 'null', 'refused', 'refused', 200, 'shared', 'accepted'],
      ...['wrapped', 'refused', 'routed', 'normalised', 'guid', 'refused', 'refused', 'recorded'],
    ]
    assert.deepEqual(NAMES.map(inForce), behaviours)
  })
})

describe('an override', () => {
  test('switches its row and leaves the others to the profile', () => {
    const inForce = quirksOf('documented', { 'delete-status': 200 })
    for (const name of NAMES) {
      assert.equal(inForce(name), name === 'delete-status' ? 200 : quirks[name].documented)
    }
  })

  test('reaches a behaviour that neither profile has', () => {
    assert.equal(quirksOf('observed', { 'negative-counts': 'accepted' })('negative-counts'), 'accepted')
  })

  test('may switch every row at once', () => {
    const inForce = quirksOf('documented', {
      'type-annotation': 'absent',
      'delete-status': 200,
      'listed-content': 'null',
      'set-once-members': 'refused',
      'negative-counts': 'refused',
      'assign-status': 200,
      'shared-navigations': 'shared',
      'script-permissions-below': 'accepted',
      'error-shape': 'wrapped',
      'unrouted-navigations': 'refused',
      'writable-run-states': 'routed',
      'virtual-groups': 'normalised',
      'group-ids': 'guid',
      'id-in-creation': 'refused',
      'empty-content': 'refused',
      'member-order': 'recorded',
    })
    assert.deepEqual(NAMES.map(inForce), NAMES.map(quirksOf('observed')))
  })
})
