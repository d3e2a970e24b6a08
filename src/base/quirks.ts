/**
 * The differences between what Microsoft's pages promise (`documented`) and what recordings of the real
 * service show (`observed`), one row each. A profile picks a column; each row can be switched alone.
 */

/** Which of the two columns is in force. */
export type Profile = 'documented' | 'observed'

/** What each row decides between. */
interface Behaviours {
  readonly 'type-annotation': 'present' | 'absent'
  readonly 'delete-status': 200 | 204
  readonly 'listed-content': 'present' | 'null'
  readonly 'set-once-members': 'writable' | 'refused'
  readonly 'negative-counts': 'accepted' | 'refused'
  readonly 'assign-status': 200 | 204
  readonly 'shared-navigations': 'refused' | 'shared'
  readonly 'script-permissions-below': 'refused' | 'accepted'
  readonly 'error-shape': 'plain' | 'wrapped'
  readonly 'unrouted-navigations': 'routed' | 'refused'
  readonly 'writable-run-states': 'routed' | 'refused'
  readonly 'virtual-groups': 'kept' | 'normalised'
  readonly 'group-ids': 'any' | 'guid'
  readonly 'id-in-creation': 'ignored' | 'refused'
  readonly 'empty-content': 'accepted' | 'refused'
  readonly 'member-order': 'documented' | 'recorded'
}

/** The name of a row. */
export type QuirkName = keyof Behaviours

interface QuirkRow<Behaviour> extends Readonly<Record<Profile, Behaviour>> {
  /** All that may be chosen. */
  readonly behaviours: readonly Behaviour[]
  readonly evidence: string
}

export const quirks: { readonly [Q in QuirkName]: QuirkRow<Behaviours[Q]> } = {
  'type-annotation': {
    behaviours: ['present', 'absent'],
    documented: 'present',
    observed: 'absent',
    evidence:
      'Every example page prints @odata.type on the entity; recordings at minimal metadata have none.',
  },
  'delete-status': {
    behaviours: [204, 200],
    documented: 204,
    observed: 200,
    evidence: 'The pages say 204 No Content; a strict client of the real service expects 200 with no body.',
  },
  'listed-content': {
    behaviours: ['present', 'null'],
    documented: 'present',
    observed: 'null',
    evidence: 'The pages print scriptContent in lists; every recorded list has null there.',
  },
  'set-once-members': {
    behaviours: ['writable', 'refused'],
    documented: 'writable',
    observed: 'refused',
    evidence:
      'The pages list displayName and customAttribute… for updates; five tools strip them because of a 400.',
  },
  'negative-counts': {
    behaviours: ['refused', 'accepted'],
    documented: 'refused',
    observed: 'refused',
    evidence:
      'Our own rule: a number of devices below zero has no meaning. Nothing is known of the real service.',
  },
  'assign-status': {
    behaviours: [204, 200],
    documented: 204,
    observed: 200,
    evidence: 'The pages say 204 No Content; a strict client of the real service expects 200 with no body.',
  },
  'shared-navigations': {
    behaviours: ['refused', 'shared'],
    documented: 'refused',
    observed: 'shared',
    evidence:
      'Three tools assign and read shell scripts below deviceManagementScripts; the pages know one family a path.',
  },
  'script-permissions-below': {
    behaviours: ['refused', 'accepted'],
    documented: 'refused',
    observed: 'accepted',
    evidence:
      'The pages of everything below a script list no DeviceManagementScripts.*; the notice of July 2025 says they replace the others.',
  },
  'error-shape': {
    behaviours: ['plain', 'wrapped'],
    documented: 'plain',
    observed: 'wrapped',
    evidence:
      'The page on errors prints a sentence; recorded 403s and 404s have JSON of _version 3 in the message, which tools parse.',
  },
  'unrouted-navigations': {
    behaviours: ['routed', 'refused'],
    documented: 'routed',
    observed: 'refused',
    evidence:
      'The pages list every route; three tools and four issues report “No OData route exists”, and nobody is known to send PUT.',
  },
  'writable-run-states': {
    behaviours: ['routed', 'refused'],
    documented: 'routed',
    observed: 'routed',
    evidence:
      'The pages document the writes; whether the real service routes them is not known, a sibling’s were seen refused.',
  },
  'virtual-groups': {
    behaviours: ['kept', 'normalised'],
    documented: 'kept',
    observed: 'normalised',
    evidence:
      'A tool sends all devices and all users as groups of two fixed ids; recordings show the virtual targets with these ids.',
  },
  'group-ids': {
    behaviours: ['any', 'guid'],
    documented: 'any',
    observed: 'guid',
    evidence:
      'The pages print “Target Group Id value”; every recorded id of a group is a GUID. What the real service says of another is not known.',
  },
  'id-in-creation': {
    behaviours: ['ignored', 'refused'],
    documented: 'ignored',
    observed: 'refused',
    evidence: 'The pages print an id in creations; a user met a 500 until it was left out.',
  },
  'empty-content': {
    behaviours: ['accepted', 'refused'],
    documented: 'accepted',
    observed: 'refused',
    evidence:
      'The pages set no minimum; a recorded 400 says DetectionScriptContent must not be null or empty, the other families by analogy.',
  },
  'member-order': {
    behaviours: ['documented', 'recorded'],
    documented: 'documented',
    observed: 'recorded',
    evidence:
      'The pages print enforceSignatureCheck and runAs32Bit among the others; recorded deviceManagementScripts begin with them.',
  },
}

/** A choice of behaviour for single rows, over the profile's: the other column, or one that neither profile has. */
export type QuirkOverrides = { readonly [Q in QuirkName]?: Behaviours[Q] }

/** Answers the behaviour in force for a row. */
export type Quirks = <Q extends QuirkName>(name: Q) => Behaviours[Q]

/** The behaviours of a profile, single rows switched by `overrides`. */
export function quirksOf(profile: Profile, overrides: QuirkOverrides = {}): Quirks {
  return (name) => overrides[name] ?? quirks[name][profile]
}
