import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from '#base/base.ts'
import { type EntityType, model, timestampOf } from '#model/model.ts'
import { type OptionsTarget, parseOptions as parse, type QueryOptions } from './options.ts'
import { formatSkipToken } from './skip-token.ts'

function typeNamed(name: string): EntityType {
  return model.entityTypes.get(name) ?? assert.fail(name)
}

const script = typeNamed('deviceShellScript')

function parseOptions(query: string, kind: OptionsTarget['kind'] = 'collection'): QueryOptions {
  return parse(query, { type: script, kind, now: timestampOf(0) })
}

function refuses(query: string, message: string, kind: OptionsTarget['kind'] = 'collection'): void {
  assert.throws(() => parseOptions(query, kind), { name: 'ODataError', code: 'BadRequest', message })
}

const notWhole = {
  '-1': '-1',
  '+1': ' 1',
  '%2B1': '+1',
  '1.0': '1.0',
  '1e2': '1e2',
  '0x10': '0x10',
  abc: 'abc',
  '': '',
  '1%0A': '1\n',
  '%D9%A1': '١',
  [`${'x'.repeat(101)}`]: 'x'.repeat(100),
}

describe('the size of a page', () => {
  const tops: readonly (readonly [query: string, top: number])[] = [
    ['', limits.pageRows],
    ['$top=0', 0],
    ['$top=000', 0],
    ['$top=1', 1],
    ['$top=999', 999],
    [`$top=${limits.pageRows}`, limits.pageRows],
    [`$top=${limits.pageRows + 1}`, limits.pageRows],
    ['$top=99999999999999999999', limits.pageRows],
    [`$top=${'9'.repeat(400)}`, limits.pageRows],
    ['$top=007', 7],
    ['top=2', 2],
    ['$TOP=2', 2],
    ['Top=2', 2],
    ['%24top=2', 2],
    ['$t%6Fp=2', 2],
    ['&&$top=2&', 2],
    ['x=1&$top=2&y', 2],
  ]
  for (const [query, top] of tops)
    test(`of '${query.slice(0, 40)}' is ${top}`, () => assert.equal(parseOptions(query).top, top))
})

for (const name of ['$top', '$skip']) {
  describe(`the value of ${name}`, () => {
    for (const [given, value] of Object.entries(notWhole)) {
      const message = `The value '${value}' of the query option '${name}' is not a whole number from 0 on.`
      test(`is refused where it is '${given.slice(0, 20)}'`, () => {
        refuses(`${name}=${given}`, message)
        refuses(`${name.slice(1)}=${given}`, message)
      })
    }

    test('is refused where there is none', () =>
      refuses(name, `The value '' of the query option '${name}' is not a whole number from 0 on.`))
  })
}

describe('the rows that are skipped', () => {
  for (const [query, skip] of [
    ['', 0],
    ['$skip=0', 0],
    ['$SKIP=12', 12],
    [`$skip=${'9'.repeat(400)}`, Number.MAX_SAFE_INTEGER],
  ] as const)
    test(`by '${query.slice(0, 20)}' are ${skip}`, () => assert.equal(parseOptions(query).skip, skip))
})

describe('the count of all rows', () => {
  for (const [query, isCounted] of [
    ['', false],
    ['$count=true', true],
    ['count=TRUE', true],
    ['$count=false', false],
  ] as const)
    test(`is ${isCounted ? '' : 'not '}asked for by '${query}'`, () =>
      assert.equal(parseOptions(query).isCounted, isCounted))

  for (const text of ['', '1', 'yes', ' true']) {
    test(`is refused in '${text}'`, () =>
      refuses(
        `$count=${text}`,
        `The value '${text}' of the query option '$count' is neither true nor false.`,
      ))
  }
})

describe('an option that is not served is refused by its name', () => {
  for (const name of ['$apply', '$compute', '$deltatoken', '$index', '$levels', '$schemaversion']) {
    test(`${name}, without its dollar and in any case too`, () => {
      for (const kind of ['collection', 'count', 'entity', 'change'] as const) {
        for (const query of [name, name.slice(1), name.toUpperCase(), `%24${name.slice(1).toUpperCase()}`])
          refuses(`${query}=1`, `The query option '${name}' is not supported.`, kind)
      }
    })
  }

  test('$nonsense, and $ alone', () => {
    refuses('$nonsense=1', "The query option '$nonsense' is not supported.")
    refuses('$', "The query option '$' is not supported.")
    refuses(`$${'x'.repeat(200)}`, `The query option '$${'x'.repeat(99)}' is not supported.`)
  })
})

describe('an option is refused where it is of no use', () => {
  const ofRead = ['$select', '$expand']
  const ofMany = ['$filter', '$search', '$orderby', '$top', '$skip', '$skiptoken', '$count']
  const misplaced: Readonly<Record<Exclude<OptionsTarget['kind'], 'collection'>, readonly string[]>> = {
    count: [...ofRead, '$orderby', '$top', '$skip', '$skiptoken', '$count'],
    entity: ofMany,
    change: [...ofRead, ...ofMany],
  }
  for (const kind of ['count', 'entity', 'change'] as const) {
    for (const name of misplaced[kind]) {
      const place = ofRead.includes(name) ? 'what is read' : 'collections'
      test(`${name} with ${kind}`, () =>
        refuses(
          `${name.slice(1)}=1`,
          `The query option '${name}' cannot be applied here: it is for ${place}.`,
          kind,
        ))
    }
  }
})

const nothing: QueryOptions = {
  ...{ top: limits.pageRows, skip: 0, skipToken: undefined, isCounted: false, select: undefined },
  ...{ expand: [], condition: undefined, order: [], format: undefined, identity: '' },
}

describe('the members that are selected', () => {
  const selections: readonly (readonly [query: string, select: readonly string[] | undefined])[] = [
    ['', undefined],
    ['$select=id', ['id']],
    ['$select=displayName,id', ['id', 'displayName']],
    ['$select=id,id', ['id']],
    ['$select=ID,DISPLAYname', ['id', 'displayName']],
    ['select=retryCount', ['retryCount']],
    ['%24SELECT=id%2CfileName', ['id', 'fileName']],
    ['$select=+id+,%20fileName', ['id', 'fileName']],
    ['$select=*', undefined],
    ['$select=id,*', undefined],
    ['$top=5&$select=id', ['id']],
    ['$select=id,userRunStates', ['id']],
    ['$select=UserRunStates', []],
  ]
  for (const [query, select] of selections)
    test(`are ${select ?? 'all'} in '${query}'`, () => assert.deepEqual(parseOptions(query).select, select))

  const unknown = {
    '$select=nonsense': 'nonsense',
    '$select=id,nonsense,other': 'nonsense',
    '$select=Nonsense': 'Nonsense',
    '$select=enforceSignatureCheck': 'enforceSignatureCheck',
    '$select=display_name': 'display_name',
    '$select=toString': 'toString',
    '$select=id/x': 'id/x',
    [`$select=${'x'.repeat(101)}`]: 'x'.repeat(100),
  }
  for (const [query, name] of Object.entries(unknown)) {
    test(`are refused in '${query.slice(0, 40)}'`, () =>
      refuses(
        query,
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.deviceShellScript'.`,
      ))
  }

  for (const query of ['$select=', '$select=id,', '$select=,']) {
    test(`are refused in '${query}', which is no list of names`, () => {
      assert.throws(() => parseOptions(query), { code: 'BadRequest', message: /at position \d+ in/ })
    })
  }
})

describe('a name that is no option is passed over', () => {
  const queries = [
    ...['=', '=999', '=999&=assignments', 'nonsense=1', 'a=1&a=2', '?', '&&', 'id=5', 'toString=1', '%zz=1'],
  ]
  for (const query of queries) test(query, () => assert.deepEqual(parseOptions(query), nothing))
})

describe('an option given twice is refused', () => {
  for (const query of ['$top=1&$top=1', '$top=1&top=2', 'TOP=1&x&%24top=2'])
    test(query, () => refuses(query, "The query option '$top' is given twice."))

  test('also one of members, in any case', () => {
    refuses('$select=id&SELECT=id', "The query option '$select' is given twice.")
  })

  test('also one that is not served', () => {
    refuses('$apply=a&apply=b', "The query option '$apply' is given twice.")
  })
})

describe('a condition and an order', () => {
  test('are of the filter, of the search, or of both', () => {
    assert.equal(parseOptions("$filter=displayName eq 'a'").condition?.kind, 'compare')
    assert.equal(parseOptions('$search="a"').condition?.kind, 'or')
    const both = parseOptions("search=a&filter=displayName eq 'a'").condition
    assert(both?.kind === 'and')
    assert.deepEqual(
      both.conditions.map(({ kind }) => kind),
      ['compare', 'or'],
    )
    assert.deepEqual(
      parseOptions('$orderby=displayName desc,id').order.map(({ direction }) => direction),
      ['desc', 'asc'],
    )
  })

  test('make the identity of the question, and nothing else does', () => {
    const identity = (query: string) => parseOptions(query).identity
    const questions = [
      '',
      "$filter=id eq 'a'",
      "$filter=id eq 'b'",
      '$search=a',
      '$orderby=id',
      '$orderby=id desc',
    ]
    assert.equal(new Set(questions.map(identity)).size, questions.length)
    for (const query of questions) {
      const more = `${query}${query === '' ? '' : '&'}$top=3&$select=id&$count=true&$expand=assignments&$skip=1`
      assert.equal(identity(more), identity(query))
    }
  })

  test('refer to their own text in a refusal', () => {
    refuses(
      "$filter=nonsense eq 'a'",
      "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceShellScript' at position 0 in 'nonsense eq 'a''.",
    )
    refuses(
      '$orderby=id,nonsense',
      "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceShellScript' at position 3 in 'id,nonsense'.",
    )
  })

  test('know the instant of the request', () => {
    const { condition } = parseOptions('$filter=createdDateTime lt now()')
    assert(condition?.kind === 'compare' && condition.right.kind === 'constant')
    assert.equal(condition.right.value, '1970-01-01T00:00:00.0000000Z')
  })
})

describe('the format', () => {
  for (const [query, format] of [
    ['', undefined],
    ['$format=', 'minimal'],
    ['$format=json', 'minimal'],
    ['format=JSON', 'minimal'],
    ['$format=application/json', 'minimal'],
    ['$format=application/json;odata.metadata=full', 'full'],
    ['$format=application/json;odata.metadata=none', 'none'],
  ] as const) {
    test(`of '${query}' is ${format ?? 'not said'}, whatever is asked of`, () => {
      for (const kind of ['collection', 'count', 'entity', 'change'] as const)
        assert.equal(parseOptions(query, kind).format, format)
    })
  }

  for (const text of ['xml', 'atom', 'application/xml']) {
    test(`is not '${text}'`, () => {
      assert.throws(() => parseOptions(`$format=${text}`), { code: 'NotAcceptable' })
    })
  }
})

describe('a skip token', () => {
  const token = { after: ['a', null, 'a:b+/='], query: 'abcdefghijkl' }

  test('is read beside the size of the page', () => {
    const query = `$top=3&$SkipToken=${formatSkipToken(token)}`
    assert.deepEqual(parseOptions(query), { ...nothing, top: 3, skipToken: token })
  })

  for (const query of ['$skiptoken=', '$skiptoken', '$skiptoken=nonsense']) {
    test(`is refused in '${query}'`, () =>
      refuses(query, "The value of the query option '$skiptoken' is not one that this service gave."))
  }
})

test('any query is read or refused, and never breaks the reader', () => {
  const parts = fc.constantFrom(
    ...[
      '$top',
      'top',
      '$skiptoken',
      '=',
      '&',
      '%',
      '%24',
      '+',
      '1',
      '$',
      '$filter=',
      '$orderby=',
      '$expand=',
    ],
    ...['$search=', '$select=', "'", '(', ')', 'displayName', 'assignments', ' eq ', 'not ', ';', ',', '/'],
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ unit: 'binary' }))), (pieces) => {
      try {
        const { top } = parseOptions(pieces.join(''))
        assert(top >= 0 && top <= limits.pageRows)
      } catch (error) {
        assert(error instanceof Error && error.name === 'ODataError', String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
