/** The `$expand` of a query, and the options in its parentheses. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { model, timestampOf } from '#model/model.ts'
import { type OptionsTarget, parseOptions as parse, type QueryOptions } from './options.ts'

const script = model.entityTypes.get('deviceShellScript') ?? assert.fail()

function parseOptions(query: string, kind: OptionsTarget['kind'] = 'collection'): QueryOptions {
  return parse(query, { type: script, kind, now: timestampOf(0) })
}

/** What is expanded, in short: `a[top skip count select](nested)`. */
function summarize({ expand }: QueryOptions): string {
  const items = expand.map(({ navigation, options, query }) => {
    const { top, skip, isCounted, select, condition, order } = options
    const facts = [top, skip, isCounted, select ?? '*', condition?.kind ?? '-', order.length]
    return `${navigation.name}[${facts.join(' ')}]{${query}}${options.expand.length === 0 ? '' : `(${summarize(options)})`}`
  })
  return items.join(',')
}

describe('what is expanded', () => {
  const rows = limits.expandedRows
  const expansions: readonly (readonly [query: string, summary: string])[] = [
    ['', ''],
    ['$expand=assignments', `assignments[${rows} 0 false * - 0]{}`],
    [
      'EXPAND=Assignments,RUNSUMMARY',
      `assignments[${rows} 0 false * - 0]{},runSummary[${rows} 0 false * - 0]{}`,
    ],
    [
      '$expand=userRunStates($top=2;$skip=3;count=true;$select=id)',
      'userRunStates[2 3 true id - 0]{$top=2&$count=true&$select=id}',
    ],
    [`$expand=userRunStates($top=${rows + 1})`, `userRunStates[${rows} 0 false * - 0]{$top=${rows + 1}}`],
    [
      "$expand=userRunStates($filter=startswith(userPrincipalName,'a%26b');$orderby=id desc)",
      `userRunStates[${rows} 0 false * startswith 1]{$filter=startswith(userPrincipalName%2C'a%26b')&$orderby=id%20desc}`,
    ],
    [
      '$expand=userRunStates($expand=deviceRunStates($expand=managedDevice;$top=1))',
      `userRunStates[${rows} 0 false * - 0]{$expand=deviceRunStates(%24expand%3DmanagedDevice%3B%24top%3D1)}(deviceRunStates[1 0 false * - 0]{$expand=managedDevice&$top=1}(managedDevice[${rows} 0 false * - 0]{}))`,
    ],
  ]
  for (const [query, summary] of expansions) {
    test(`by '${query}'`, () => {
      const written = summarize(parseOptions(query))
      assert.equal(written, summary)
      assert.equal(summarize(parseOptions(query, 'entity')), written)
    })
  }

  const FAILED = 'Parsing OData Select and Expand failed: '
  const SHELL = "'microsoft.graph.deviceShellScript'"
  const refused = {
    '$expand=nonsense': `${FAILED}Could not find a property named 'nonsense' on type ${SHELL}.`,
    '$expand=DISPLAYNAME': `${FAILED}Property 'displayName' on type ${SHELL} is not a navigation property. Only navigation properties can be expanded.`,
    '$expand=assignments,Assignments': `${FAILED}A navigation is expanded twice.`,
    '$expand=assignments($nonsense=1)': "The query option '$nonsense' is not supported.",
    '$expand=assignments($skiptoken=x)': "The query option '$skiptoken' is not supported within $expand.",
    '$expand=assignments($format=json)': "The query option '$format' is not supported within $expand.",
    '$expand=runSummary($top=1)': "The query option '$top' cannot be applied here: it is for collections.",
    '$expand=assignments($select=nonsense)': `${FAILED}Could not find a property named 'nonsense' on type 'microsoft.graph.deviceManagementScriptAssignment'.`,
  }
  for (const [query, message] of Object.entries(refused))
    test(`is refused in '${query}'`, () =>
      assert.throws(() => parseOptions(query), { code: 'BadRequest', message }))

  test('is as deep as the limit, and no deeper', () => {
    const navigations = new Map(script.navigations)
    const own = { ...script, navigations }
    const states = navigations.get('userrunstates') ?? assert.fail()
    navigations.set('self', { ...states, name: 'self', target: own })
    const nest = (depth: number): string => (depth === 1 ? 'self' : `self($expand=${nest(depth - 1)})`)
    const target: OptionsTarget = { type: own, kind: 'collection', now: timestampOf(0) }
    parse(`$expand=${nest(limits.expandDepth)}`, target)
    const message = `${FAILED}The $expand is nested deeper than ${limits.expandDepth}.`
    assert.throws(() => parse(`$expand=${nest(limits.expandDepth + 1)}`, target), {
      code: 'BadRequest',
      message,
    })
  })
})
