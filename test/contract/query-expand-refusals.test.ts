/** What `$expand` does not take, and how deep it goes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { createModel, defineEntity, type EntityType, scriptPermissions, timestampOf } from '#model/model.ts'
import { ODataError, parseOptions } from '#odata/odata.ts'
import { errorOf, startRunstate } from '../support/runstate.ts'
import { assertRefused, families, useRunstate } from './families.ts'

const FAILED = 'Parsing OData Select and Expand failed: '

/** Texts that are refused for a script, and what the refusal says in the real service's words. */
const named: readonly (readonly [expand: string, member: string])[] = [
  ['nonsense', 'nonsense'],
  ['assignments,nonsense', 'nonsense'],
  ['managedDevice', 'managedDevice'],
  ['assignments($select=nonsense)', 'nonsense'],
  ['assignments($select=id,userPrincipalName)', 'userPrincipalName'],
  ['assignments($expand=managedDevice)', 'managedDevice'],
  ['deviceRunStates($expand=device)', 'device'],
  ['userRunStates($expand=deviceRunStates($expand=user))', 'user'],
  ['userRunStates($expand=deviceRunStates($expand=managedDevice($expand=users)))', 'users'],
  ['runSummary($expand=assignments)', 'assignments'],
]

const refused: readonly (readonly [why: string, texts: readonly string[]])[] = [
  [
    'malformed',
    ['', ' ', ',', 'assignments,', ',assignments', 'assignments runSummary', 'assignments;runSummary'],
  ],
  [
    'malformed in its parentheses',
    ['assignments(', 'assignments)', 'assignments()', 'assignments(,)', 'assignments(;)'],
  ],
  [
    'not closed',
    ['assignments($top=1', "assignments($filter=id eq 'a)", 'assignments($search="a)', '(assignments)'],
  ],
  [
    'without a value or a name',
    ['assignments($top)', 'assignments(=1)', 'assignments($=1)', 'assignments(1=1)'],
  ],
  ['given twice', ['assignments,assignments', 'assignments,Assignments', 'assignments($top=1),assignments']],
  ['with an option twice', ['assignments($top=1;$top=1)', 'assignments($top=1;TOP=2)']],
  [
    'with an option that is none',
    ['assignments($nonsense=1)', 'assignments(foo=1)', 'assignments($apply=x)'],
  ],
  [
    'with what is the whole answer’s',
    ['assignments($skiptoken=x)', 'assignments($format=json)', 'runSummary($format=xml)'],
  ],
  [
    'with a size that is none',
    ['assignments($top=-1)', 'assignments($top=x)', 'assignments($skip=1.5)', 'assignments($top=)'],
  ],
  ['with a flag that is none', ['assignments($count=1)', 'assignments($count=)', 'assignments($count=yes)']],
  [
    'with what is for collections on a single one',
    [
      ...['runSummary($top=1)', 'runSummary($skip=0)', 'runSummary($count=true)', 'runSummary($orderby=id)'],
      ...['runSummary($filter=errorUserCount gt 0)', 'runSummary($search=x)'],
      ...[
        'deviceRunStates($expand=managedDevice($top=1))',
        "deviceRunStates($expand=managedDevice($filter=id eq 'x'))",
      ],
    ],
  ],
  [
    'with a filter that does not fit',
    [
      ...[
        'deviceRunStates($filter=nonsense eq 1)',
        "deviceRunStates($filter=errorCode eq 'x')",
        'deviceRunStates($filter=)',
      ],
      ...['deviceRunStates($filter=errorCode eq 1 and)', "assignments($filter=displayName eq 'x')"],
    ],
  ],
  [
    'with an order that does not fit',
    [
      ...[
        'deviceRunStates($orderby=nonsense)',
        'deviceRunStates($orderby=resultMessage)',
        'deviceRunStates($orderby=id up)',
      ],
    ],
  ],
  ['with a search where nothing is searched', ['userRunStates($search=x)', 'assignments($search=x)']],
  ['of everything', ['*', '*($levels=2)', 'assignments,*']],
  [
    'of paths',
    [
      'userRunStates/deviceRunStates',
      'assignments/target',
      'assignments/$ref',
      'assignments/$count',
      '$value',
    ],
  ],
  ['of levels', ['userRunStates($levels=2)', 'userRunStates($levels=max)']],
]

for (const family of families) {
  describe(`$expand of ${family.set} is refused`, () => {
    const runstate = useRunstate({ demo: true })
    const urls = [family.set, `${family.set}/${family.example['id']}`]

    for (const [expand, member] of named) {
      test(`where it names what is not there: ${expand}`, async () => {
        for (const url of urls) {
          const answer = await runstate().send('GET', `${url}?$expand=${encodeURIComponent(expand)}`)
          assertRefused(answer, 400, 'BadRequest')
          const { message } = errorOf(answer)
          assert(
            message.startsWith(
              `${FAILED}Could not find a property named '${member}' on type 'microsoft.graph.`,
            ),
            message,
          )
        }
      })
    }

    test('where it names a property that is no navigation', async () => {
      for (const name of ['displayName', 'id', 'SCRIPTCONTENT']) {
        const answer = await runstate().send('GET', `${family.set}?$expand=${name}`)
        assertRefused(answer, 400, 'BadRequest')
        assert.match(
          errorOf(answer).message,
          /is not a navigation property\. Only navigation properties can be expanded\.$/,
        )
      }
    })

    for (const [why, texts] of refused) {
      test(`${why}, on lists and on one`, async () => {
        for (const text of texts) {
          for (const url of urls) {
            const answer = await runstate().send('GET', `${url}?$expand=${encodeURIComponent(text)}`)
            assert.equal(answer.status, 400, `${text}: ${answer.text}`)
            assertRefused(answer, 400, 'BadRequest')
          }
        }
      })
    }

    test('where it is given twice, in whatever spelling', async () => {
      for (const query of ['$expand=assignments&$expand=runSummary', '$expand=assignments&EXPAND=runSummary'])
        assertRefused(await runstate().send('GET', `${family.set}?${query}`), 400, 'BadRequest')
    })

    test('of what is no entity: counts, changes, deletions and actions; and nothing is written', async () => {
      const [, script = ''] = urls
      const before = (await runstate().send('GET', script)).text
      for (const [method, url, body] of [
        ['GET', `${family.set}/$count`],
        ['POST', family.set, family.creation],
        ['PATCH', script, { description: 'another' }],
        ['DELETE', script],
        ['POST', `${script}/assign`, { deviceManagementScriptAssignments: [] }],
      ] as const) {
        const answer = await runstate().send(
          method,
          `${url}?$expand=assignments`,
          body === undefined ? {} : { body },
        )
        assertRefused(answer, 400, 'BadRequest')
      }
      assert.equal((await runstate().send('GET', script)).text, before)
    })

    test('of a device, which leads nowhere', async () => {
      const [, script = ''] = urls
      const device = `${script}/deviceRunStates/39440cba-0cba-3944-ba0c-4439ba0c4439/managedDevice`
      for (const url of [device, 'managedDevices', `${script}/runSummary`])
        assertRefused(await runstate().send('GET', `${url}?$expand=users`), 400, 'BadRequest')
    })

    test('before the entity is looked for', async () => {
      assertRefused(await runstate().send('GET', `${family.set}/none?$expand=nonsense`), 400)
      assertRefused(await runstate().send('GET', `${family.set}/none?$expand=assignments`), 404)
    })
  })
}

/** A type that leads to itself: no way through the model is as long as the limit. */
function createRing(): EntityType {
  const ring = defineEntity({
    name: 'ring',
    description: 'A ring.',
    table: { name: 'ring', numbered: true, parent: 'ring' },
    properties: { id: { type: 'Edm.String', access: 'readOnly', description: 'Key.' } },
    navigations: { next: { target: 'ring', collection: true, contained: true } },
    permissions: scriptPermissions,
    example: { id: 'x' },
  })
  const type = createModel({ entityTypes: [ring], versions: {} }).entityTypes.get('ring')
  assert(type !== undefined)
  return type
}

function expandRing(depth: number): ReturnType<typeof parseOptions> {
  const text = Array.from({ length: depth - 1 }).reduce<string>((inner) => `next($expand=${inner})`, 'next')
  return parseOptions(`$expand=${text}`, { type: createRing(), kind: 'collection', now: timestampOf(0) })
}

describe('$expand within $expand', () => {
  test('goes as deep as the limit', () => {
    let depth = 0
    let { expand } = expandRing(limits.expandDepth)
    for (; expand[0] !== undefined; depth += 1) expand = expand[0].options.expand
    assert.equal(depth, limits.expandDepth)
  })

  test('is refused one deeper, and far deeper', () => {
    for (const depth of [limits.expandDepth + 1, 50, 1000]) {
      assert.throws(
        () => expandRing(depth),
        (error) =>
          error instanceof ODataError && error.code === 'BadRequest' && /nested deeper/.test(error.message),
      )
    }
  })

  test('is refused where parentheses go on for ever', async () => {
    await using server = await startRunstate()
    for (const text of ['userRunStates('.repeat(900), `assignments($filter=${'('.repeat(5000)}`]) {
      assertRefused(await server.send('GET', `deviceShellScripts?$expand=${text}`), 400, 'BadRequest')
    }
  })
})
