import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from '#base/base.ts'
import { model } from '#model/model.ts'
import { parseOptions as parse, type QueryOptions } from './options.ts'
import { formatSkipToken } from './skip-token.ts'

const script = model.entityTypes.get('deviceShellScript')

function parseOptions(query: string): QueryOptions {
  assert(script)
  return parse(query, script)
}

function refuses(query: string, message: string): void {
  assert.throws(() => parseOptions(query), { name: 'ODataError', code: 'BadRequest', message })
}

describe('the size of a page', () => {
  const tops: readonly (readonly [query: string, top: number])[] = [
    ['', limits.pageRows],
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

  const refused = {
    '$top=0': '0',
    '$top=000': '000',
    '$top=-1': '-1',
    '$top=+1': ' 1',
    '$top=%2B1': '+1',
    '$top=1.0': '1.0',
    '$top=1e2': '1e2',
    '$top=0x10': '0x10',
    '$top=abc': 'abc',
    '$top=': '',
    $top: '',
    top: '',
    '$top=1%0A': '1\n',
    '$top=%D9%A1': '١',
    [`$top=${'x'.repeat(101)}`]: 'x'.repeat(100),
  }
  for (const [query, value] of Object.entries(refused)) {
    test(`is refused in '${query.slice(0, 40)}'`, () =>
      refuses(query, `The value '${value}' of the query option '$top' is not a positive whole number.`))
  }
})

describe('an option that is not served is refused by its name', () => {
  const names = [
    ...['$apply', '$compute', '$count', '$deltatoken', '$expand', '$filter', '$format', '$index', '$levels'],
    ...['$orderby', '$schemaversion', '$search', '$skip'],
  ]
  for (const name of names) {
    test(`${name}, without its dollar and in any case too`, () => {
      for (const query of [name, name.slice(1), name.toUpperCase(), `%24${name.slice(1).toUpperCase()}`])
        refuses(`${query}=1`, `The query option '${name}' is not supported.`)
    })
  }

  test('$nonsense, and $ alone', () => {
    refuses('$nonsense=1', "The query option '$nonsense' is not supported.")
    refuses('$', "The query option '$' is not supported.")
    refuses(`$${'x'.repeat(200)}`, `The query option '$${'x'.repeat(99)}' is not supported.`)
  })
})

const nothing: QueryOptions = { top: limits.pageRows, skipToken: undefined, select: undefined }

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
  ]
  for (const [query, select] of selections)
    test(`are ${select ?? 'all'} in '${query}'`, () => assert.deepEqual(parseOptions(query).select, select))

  const unknown = {
    '$select=nonsense': 'nonsense',
    '$select=id,nonsense,other': 'nonsense',
    '$select=Nonsense': 'Nonsense',
    '$select=userRunStates': 'userRunStates',
    '$select=enforceSignatureCheck': 'enforceSignatureCheck',
    '$select=display_name': 'display_name',
    '$select=toString': 'toString',
    '$select=': '',
    '$select=id,': '',
    [`$select=${'x'.repeat(101)}`]: 'x'.repeat(100),
  }
  for (const [query, name] of Object.entries(unknown)) {
    test(`are refused in '${query.slice(0, 40)}'`, () =>
      refuses(
        query,
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.deviceShellScript'.`,
      ))
  }
})

describe('a name that is no option is passed over', () => {
  const queries = [
    '=',
    '=999',
    '=999&=assignments',
    'nonsense=1',
    'a=1&a=2',
    '?',
    '&&',
    'id=5',
    'toString=1',
    '%zz=1',
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
    refuses('$filter=a&filter=b', "The query option '$filter' is given twice.")
  })
})

describe('a skip token', () => {
  const token = { after: 'a:b+/=', query: 'abcdefghijkl' }

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
  const parts = fc.constantFrom('$top', 'top', '$skiptoken', '=', '&', '%', '%24', '+', '1', '$')
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ unit: 'binary' }))), (pieces) => {
      try {
        const { top } = parseOptions(pieces.join(''))
        assert(top >= 1 && top <= limits.pageRows)
      } catch (error) {
        assert(error instanceof Error && error.name === 'ODataError', String(error))
      }
    }),
    { numRuns: 1000 },
  )
})
