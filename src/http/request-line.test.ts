import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RequestRecord } from '#service/service.ts'
import { formatRequest, type RequestLine } from './request-line.ts'

const text = fc.string({ unit: 'binary' })
const microseconds = fc.nat()
const stages = fc.record(
  { authenticate: microseconds, resolve: microseconds, operate: microseconds, write: microseconds },
  { requiredKeys: [] },
)
/** Every member that there is: of one more the line would not know. */
const members = {
  ...{ id: fc.uuid(), batch: fc.uuid(), rowsWritten: fc.nat(), stages },
  ...{ operation: text, principal: text, tenant: text, permission: text, denied: text },
} satisfies Record<keyof RequestRecord, fc.Arbitrary<unknown>>
const record = fc.record(members, { requiredKeys: ['id', 'rowsWritten', 'stages'] })
const line: fc.Arbitrary<RequestLine> = fc.record(
  {
    ...{ id: fc.uuid(), method: text, path: text, status: fc.integer({ min: 100, max: 599 }) },
    milliseconds: fc.nat().map((hundredths) => hundredths / 100),
    record,
  },
  { requiredKeys: ['id', 'method', 'path', 'status', 'milliseconds'] },
)

describe('the line of a request', () => {
  test('is one line of JSON with all that is known, whatever the texts are', () => {
    fc.assert(
      fc.property(line, (given) => {
        const { record: { id, ...did } = {}, ...rest } = given
        const written = formatRequest(given, 30, '2026-11-24T00:00:00.000Z')
        assert(!written.includes('\n'))
        assert.deepEqual(JSON.parse(written), {
          ...{ level: 30, time: '2026-11-24T00:00:00.000Z', msg: 'request' },
          ...JSON.parse(JSON.stringify({ ...rest, ...did })),
        })
      }),
    )
  })

  test('has its members in one order', () => {
    const written = formatRequest(
      {
        ...{ id: 'i', method: 'PATCH', path: '/"p"', status: 500, milliseconds: 1.5, error: 'e' },
        record: {
          ...{
            id: 'i',
            batch: 'b',
            operation: 'o',
            principal: 'p',
            tenant: 't',
            permission: 'q',
            denied: 'd',
          },
          ...{ rowsWritten: 1, stages: { authenticate: 1, refuse: 2 } },
        },
      },
      50,
      'now',
    )
    assert.equal(
      written,
      '{"level":50,"time":"now","operation":"o","principal":"p","tenant":"t","permission":"q","denied":"d",' +
        '"rowsWritten":1,"stages":{"authenticate":1,"refuse":2},"id":"i","batch":"b","method":"PATCH",' +
        '"path":"/\\"p\\"","status":500,"milliseconds":1.5,"error":{"message":"e"},"msg":"request"}',
    )
  })
})
