import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from '#base/base.ts'
import { type BatchPart, formatBatch, parseBatch } from './batch.ts'
import { ODataError } from './errors.ts'

type Members = Readonly<Record<string, unknown>>

const GET = { method: 'GET', url: '/x' }

function bytesOf(...requests: readonly unknown[]): Uint8Array {
  return Buffer.from(JSON.stringify({ requests }))
}

function parseOne(members: Members): BatchPart {
  const [part] = parseBatch(bytesOf({ id: '1', ...GET, ...members }))
  assert(part !== undefined)
  return part
}

function messageOf(bytes: Uint8Array): string {
  let message = ''
  assert.throws(
    () => parseBatch(bytes),
    (error) => {
      assert(error instanceof ODataError && error.code === 'BadRequest', String(error))
      message = error.message
      return true
    },
  )
  return message
}

function bodyOf(members: Members): string | undefined {
  const { body } = parseOne(members)
  return body === undefined ? undefined : Buffer.from(body).toString()
}

describe('a part', () => {
  test('is read from its members, those that are not known passed over', () => {
    const given = {
      id: 'A',
      method: 'patch',
      url: '/a/b?$select=id',
      body: { a: 1 },
      statusText: 'x',
      atomicityGroup: 1,
    }
    const headers = { 'Content-Type': 'application/json', Accept: 'a' }
    const [part] = parseBatch(bytesOf({ ...given, headers }))
    assert.deepEqual(part, {
      id: 'A',
      method: 'PATCH',
      url: 'a/b?$select=id',
      headers: { 'content-type': 'application/json', accept: 'a' },
      body: Buffer.from('{"a":1}'),
      dependsOn: [],
    })
  })

  test('may have null for what it need not have', () => {
    const { headers, body, dependsOn } = parseOne({ headers: null, body: null, dependsOn: null })
    assert.deepEqual([headers, body, dependsOn], [{}, undefined, []])
  })

  for (const [id, expected] of [
    ['Groups', 'Groups'],
    [1, '1'],
    [-7, '-7'],
    [0, '0'],
  ] as const) {
    test(`is known by the id ${JSON.stringify(id)} as the text ${expected}`, () => {
      assert.equal(parseOne({ id }).id, expected)
    })
  }

  test('keeps the digits of an integer that no number can hold', () => {
    const text = '{"requests":[{"id":9007199254740993,"method":"GET","url":"x"}]}'
    assert.equal(parseBatch(Buffer.from(text))[0]?.id, '9007199254740993')
  })

  for (const [url, expected] of [
    ['deviceManagement/x', 'deviceManagement/x'],
    ['/deviceManagement/x', 'deviceManagement/x'],
    ['//deviceManagement/x', 'deviceManagement/x'],
    ["/x?$filter=city eq 'Zürich'&$top=1", "x?$filter=city%20eq%20'Z%C3%BCrich'&$top=1"],
    ['/x?y=%C3%BC%20+', 'x?y=%C3%BC%20+'],
    ['/😀\u0000\ud800', '%F0%9F%98%80%00%EF%BF%BD'],
    ["x('a:b')", "x('a:b')"],
    ['/x/$batch', 'x/$batch'],
    ['/x?$batch', 'x?$batch'],
  ] as const) {
    test(`has the URL ${JSON.stringify(url)} as ${expected}`, () => {
      assert.equal(parseOne({ url }).url, expected)
    })
  }

  test('has its headers by lower-case name; numbers as text, a name that came twice joined, null left out', () => {
    const { headers } = parseOne({
      headers: { Prefer: 'a', PREFER: 'b', 'X-N': 1, 'X-B': true, 'X-0': null },
    })
    assert.deepEqual(headers, { prefer: 'a, b', 'x-n': '1', 'x-b': 'true' })
  })

  test('has a header like any other by the name of what objects inherit', () => {
    const text =
      '{"requests":[{"id":"1","method":"GET","url":"x","headers":{"__proto__":"a","constructor":"b"}}]}'
    const headers = parseBatch(Buffer.from(text))[0]?.headers ?? {}
    assert.deepEqual(Object.entries(headers), [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })
})

describe('the body of a part', () => {
  test('is JSON, and says so where the headers do not', () => {
    const { headers, body } = parseOne({ body: {}, headers: { Prefer: 'x' } })
    assert.deepEqual(
      [headers, body],
      [{ prefer: 'x', 'content-type': 'application/json' }, Buffer.from('{}')],
    )
  })

  test('has its numbers as they were written', () => {
    const text =
      '{"requests":[{"id":"1","method":"PATCH","url":"x","body":{"a":2.0,"b":[.5,9007199254740993]}}]}'
    const body = parseBatch(Buffer.from(text))[0]?.body ?? ''
    assert.equal(Buffer.from(body).toString(), '{"a":2.0,"b":[.5,9007199254740993]}')
  })

  for (const [what, members, expected] of [
    ['no object, for the part to refuse', { body: [1] }, '[1]'],
    ['a text without a type', { body: 'e30' }, '"e30"'],
    ['a text of JSON', { body: 'e30', headers: { 'content-type': 'Application/JSON; x=y' } }, '"e30"'],
    ['a text of text', { body: 'ü', headers: { 'content-type': 'text/plain' } }, 'ü'],
    ['base64url of another type', { body: 'w7w_', headers: { 'content-type': 'image/png' } }, 'ü?'],
    ['base64 of another type', { body: 'w7w/', headers: { 'content-type': 'image/png' } }, 'ü?'],
    ['an object of another type', { body: {}, headers: { 'content-type': 'image/png' } }, '{}'],
    ['null', { body: null, headers: { 'content-type': 'application/json' } }, undefined],
  ] as const) {
    test(`may be ${what}`, () => {
      assert.equal(bodyOf(members), expected)
    })
  }
})

describe('a batch is refused whole', () => {
  const { batchParts } = limits
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ id: i, ...GET }))

  test(`with ${batchParts + 1} parts, and taken with ${batchParts}`, () => {
    assert.equal(parseBatch(bytesOf(...many(batchParts))).length, batchParts)
    assert.match(messageOf(bytesOf(...many(batchParts + 1))), /\(21 requests are too many: send at most 20\)/)
  })

  for (const [text, message] of [
    ['{}', "there is no array 'requests'"],
    ['[]', "there is no array 'requests'"],
    ['{"requests":{}}', "there is no array 'requests'"],
    ['{"requests":null}', "there is no array 'requests'"],
    ['{"requests":[]}', 'there are no requests'],
    ['{"requests":[1]}', 'requests[0] is not an object'],
  ] as const) {
    test(`as ${text}`, () => {
      assert.equal(messageOf(Buffer.from(text)), `Invalid batch payload format. (${message})`)
    })
  }

  test('where it is not JSON, or a member is there twice', () => {
    for (const text of ['', '{', '{"requests":[],"requests":[]}'])
      assert.match(messageOf(Buffer.from(text)), /^Unable to read JSON request payload/)
  })

  for (const [members, message] of [
    [{ id: undefined }, 'the id of requests[1] is not a text or a whole number'],
    [{ id: '' }, 'the id of requests[1] is not a text or a whole number'],
    [{ id: 1.5 }, 'the id of requests[1] is not a text or a whole number'],
    [{ id: true }, 'the id of requests[1] is not a text or a whole number'],
    [{ id: null }, 'the id of requests[1] is not a text or a whole number'],
    [{ method: undefined }, "the method of the request 'b' is none of GET, HEAD, POST, PUT, PATCH, DELETE"],
    [{ method: 'FETCH' }, "the method of the request 'b' is none of GET, HEAD, POST, PUT, PATCH, DELETE"],
    [{ method: 1 }, "the method of the request 'b' is none of GET, HEAD, POST, PUT, PATCH, DELETE"],
    [{ url: undefined }, "the request 'b' has no url"],
    [{ url: ' ' }, "the request 'b' has no url"],
    [{ url: 1 }, "the request 'b' has no url"],
    [
      { url: 'https://localhost/beta/x' },
      "the url of the request 'b' is absolute: write it relative to the version, /deviceManagement/…",
    ],
    [{ url: '/$batch' }, "the request 'b' is a batch itself"],
    [{ url: '%24BATCH/?x' }, "the request 'b' is a batch itself"],
    [{ headers: [] }, "the headers of the request 'b' are not an object"],
    [{ headers: 'a: b' }, "the headers of the request 'b' are not an object"],
    [{ headers: { a: [] } }, "the header 'a' of the request 'b' is not a text"],
    [{ dependsOn: 'a' }, "dependsOn of the request 'b' is not an array of ids"],
    [{ dependsOn: [null] }, "dependsOn of the request 'b' is not an array of ids"],
    [{ dependsOn: ['a', 'c'] }, "the request 'b' depends on 'c', which is not there"],
    [{ dependsOn: ['b'] }, "the request 'b' depends on itself"],
  ] as const) {
    test(`for a part with ${JSON.stringify(members)}`, () => {
      const bytes = bytesOf({ id: 'a', ...GET }, { id: 'b', ...GET, ...members })
      assert.equal(messageOf(bytes), `Invalid batch payload format. (${message})`)
    })
  }

  for (const [one, other] of [
    ['1', '1'],
    ['1', 1],
    ['Groups', 'groups'],
  ] as const) {
    test(`where the ids ${JSON.stringify(one)} and ${JSON.stringify(other)} are one`, () => {
      const bytes = bytesOf({ id: one, ...GET }, { id: other, ...GET })
      assert.equal(messageOf(bytes), `Request Id ${other} has to be unique in a batch.`)
    })
  }

  test('where parts wait for each other, and one of these is named', () => {
    const waiting = [
      { id: 'in', ...GET, dependsOn: ['a'] },
      { id: 'a', ...GET, dependsOn: ['b'] },
      { id: 'b', ...GET, dependsOn: ['c'] },
      { id: 'c', ...GET, dependsOn: ['a'] },
    ]
    assert.match(messageOf(bytesOf(...waiting)), /the request 'a' depends on itself/)
  })

  test('and no message repeats what was sent at length', () => {
    const long = 'x'.repeat(10_000)
    for (const members of [{ id: long, url: '' }, { dependsOn: [long] }, { headers: { [long]: [] } }])
      assert(messageOf(bytesOf({ id: '1', ...GET, ...members })).length < 300)
  })
})

describe('the order of parts', () => {
  function orderOf(dependencies: Readonly<Record<string, readonly (string | number)[]>>): string {
    const requests = Object.entries(dependencies).map(([id, dependsOn]) => ({ id, ...GET, dependsOn }))
    return parseBatch(bytesOf(...requests))
      .map(({ id }) => id)
      .join('')
  }

  test('is theirs where none comes before what it depends on', () => {
    assert.equal(orderOf({ d: [], a: [], c: ['d'], b: ['a', 'c', 'd'] }), 'dacb')
  })

  test('puts what a part depends on before it', () => {
    assert.equal(orderOf({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), 'dbca')
  })

  test('writes the ids in dependsOn as their parts do, each once', () => {
    const parts = parseBatch(
      bytesOf({ id: 'One', ...GET }, { id: 2, ...GET, dependsOn: ['one', 'ONE', 'One'] }),
    )
    assert.deepEqual(parts[1]?.dependsOn, ['One'])
    const [, second] = parseBatch(bytesOf({ id: '1', ...GET }, { id: 2, ...GET, dependsOn: [1] }))
    assert.deepEqual(second?.dependsOn, ['1'])
  })

  test('exists for any graph without a circle', () => {
    const graph = fc.array(fc.array(fc.nat({ max: 19 }), { maxLength: 5 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), (wanted, shuffle) => {
        const requests = wanted.map((ids, i) => ({ id: i, ...GET, dependsOn: ids.filter((id) => id < i) }))
        const shuffled = requests
          .map((request) => ({ request, at: shuffle.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ request }) => request)
        const seen = new Set<string>()
        for (const { id, dependsOn } of parseBatch(bytesOf(...shuffled))) {
          for (const before of dependsOn) assert(seen.has(before))
          seen.add(id)
        }
        assert.equal(seen.size, wanted.length)
      }),
    )
  })
})

test('any bytes are parts or a refusal', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('1', 1, 'GET', '/x', ['1'], { a: 'b' }))
  const request = fc.dictionary(fc.constantFrom('id', 'method', 'url', 'headers', 'body', 'dependsOn'), value)
  fc.assert(
    fc.property(fc.array(fc.oneof(request, value)), (requests) => {
      try {
        assert(parseBatch(bytesOf(...requests)).length <= requests.length)
      } catch (error) {
        assert(error instanceof ODataError && error.code === 'BadRequest', String(error))
      }
    }),
  )
})

describe('the answer to a batch', () => {
  test('has each part’s id, status, headers as Graph spells them, and body', () => {
    const headers = {
      'content-type': 'application/json;odata.metadata=minimal',
      'odata-version': '4.0',
      'cache-control': 'no-cache',
      'www-authenticate': 'Bearer',
      'retry-after': '5',
      'request-id': 'x',
    }
    assert.equal(
      formatBatch([
        { id: '1', status: 200, headers, body: '{"a":2.0}' },
        { id: 'b"', status: 204, headers: {} },
      ]),
      '{"responses":[{"id":"1","status":200,"headers":{"Content-Type":"application/json;odata.metadata=minimal",' +
        '"OData-Version":"4.0","Cache-Control":"no-cache","WWW-Authenticate":"Bearer","Retry-After":"5","request-id":"x"},' +
        '"body":{"a":2.0}},{"id":"b\\"","status":204,"headers":{}}]}',
    )
  })

  for (const [type, body, expected] of [
    ['text/plain', '3', '3'],
    ['text/plain;charset=utf-8', Buffer.from('ü'), 'ü'],
    ['image/png', Buffer.from('ü?'), 'w7w_'],
    ['application/xml', '<a/>', 'PGEvPg'],
    ['application/json', Buffer.from('{"a":"ü"}'), { a: 'ü' }],
  ] as const) {
    test(`has a body of ${type} as ${JSON.stringify(expected)}`, () => {
      const text = formatBatch([{ id: '1', status: 200, headers: { 'content-type': type }, body }])
      assert.deepEqual(JSON.parse(text).responses[0].body, expected)
    })
  }
})
