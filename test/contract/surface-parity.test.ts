/** docs/parity.md says of every operation that is served what is tested, and of no other. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { healthOperations } from './health.ts'
import { operationKinds, surface } from './surface.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** A row of a table of operations. */
interface Row {
  readonly request: string
  /** How many operations it stands for, where the table says so. */
  readonly number: number
  readonly status: number
  readonly witnesses: readonly string[]
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

/** The rows between a heading and the next one. */
function readRows(heading: string): readonly Row[] {
  const [, after = ''] = read('docs/parity.md').split(`\n## ${heading}\n`)
  const [section = ''] = after.split('\n## ')
  const lines = section.split('\n').filter((line) => /^\|.*`[A-Z]+ \//.test(line))
  return lines.map((line) => {
    const [, , request = '', ...cells] = line.split('|')
    const [witness = '', , status = '', number = '1'] = cells.slice(0, -1).toReversed()
    const witnesses = [...witness.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
    return {
      request: request.replaceAll('`', '').trim(),
      number: Number(number),
      status: Number(status),
      witnesses,
    }
  })
}

/** An operation as the table writes it: the family stays, keys are all `{id}`. */
function requestOf({ method, template }: { readonly method: string; readonly template: string }): string {
  return `${method} /${template.replace(/\{(?!F\})\w+\}/g, '{id}')}`
}

/** The last name in a request: what its witness must speak of. */
function subjectOf(request: string): string {
  const names = request.split('/').filter((name) => /^[\w$]+$/.test(name))
  return names.at(-1) ?? 'family'
}

describe('parity.md', () => {
  const rows = readRows('Operations')
  const healthRows = readRows('Health scripts')

  test('has one row for each documented operation, with its status, and no other', () => {
    const numberOf = (request: string) => surface.filter((one) => requestOf(one) === request).length
    const expected = operationKinds.map((kind) => {
      const request = requestOf(kind)
      return { request, number: numberOf(request), status: kind.status }
    })
    assert.deepEqual(
      rows.map(({ request, number, status }) => ({ request, number, status })),
      expected,
    )
  })

  test('counts 124 operations', () => {
    assert.equal(
      rows.reduce((sum, { number }) => sum + number, 0),
      124,
    )
    assert.equal(surface.length, 124)
  })

  test('has one row for each operation on health scripts, with its status, and no other', () => {
    assert.deepEqual(
      healthRows.map(({ request, status }) => ({ request, status })),
      healthOperations.map((operation) => ({ request: requestOf(operation), status: operation.status })),
    )
  })

  for (const { request, witnesses } of [...rows, ...healthRows]) {
    test(`names a witness that tests ${request}`, () => {
      assert(witnesses.length > 0, 'no witness')
      for (const file of witnesses) {
        assert(existsSync(path.join(ROOT, file)), file)
        assert.match(file, /^test\/.*\.test\.ts$/)
        assert.match(read(file), /\btest\(/)
      }
      const subject = subjectOf(request)
      assert(
        witnesses.some((file) => read(file).includes(subject)),
        `none of ${witnesses.join(', ')} speaks of ${subject}`,
      )
    })
  }

  test('is walked by the test of all operations', () => {
    const text = read('test/contract/surface-operations.test.ts')
    assert.match(text, /for \(const operation of surface\)/)
    assert(read('docs/parity.md').includes('`test/contract/surface-operations.test.ts`'))
    const ofHealth = read('test/contract/health-scripts.test.ts')
    assert.match(ofHealth, /for \(const operation of healthOperations\)/)
  })
})
