/** Random filters and orders: the server answers what a plain evaluator says, through requests. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Runstate } from '../support/runstate.ts'
import { createScript, rowsOf, shellFamily, useRunstate } from './families.ts'
import { ask, queryOf } from './queries.ts'
import { anyCondition, compareTexts, fold, type Row, type Vocabulary } from './query-laws.ts'

const RUNS = 800

const WORDS = [
  ...['', 'a', 'A', 'ab', 'AB', 'b', 'Bob@contoso.com', 'bob@CONTOSO.com', ' a ', '\tÄ', 'ä', 'Ä', 'ß', 'İ'],
  ...[
    '😀',
    'a😀b',
    '\u{10ffff}',
    '\ud7ff',
    '\uffff',
    "it's",
    '%',
    '_',
    '\\',
    '"',
    '日本',
    'é',
    'e\u0301',
    '10',
    '9',
  ],
]

/** A fixed run of numbers that look random. */
function pick<T>(values: readonly T[], seed: number): T | undefined {
  return values[(seed * 7919 + 13) % values.length]
}

interface Subject {
  readonly name: string
  readonly path: string
  readonly rows: readonly Row[]
  readonly vocabulary: Vocabulary
}

const COUNTS = [0, 1, 2, 3, 7, -1, 100]

async function createStates(runstate: Runstate): Promise<Subject> {
  const path = `${await createScript(runstate, shellFamily)}/userRunStates`
  for (let i = 0; i < WORDS.length; i += 1) {
    const userPrincipalName = i % 6 === 5 ? null : (WORDS[i] ?? null)
    const body = {
      userPrincipalName,
      successDeviceCount: i % 4,
      errorDeviceCount: pick([0, 1, 3, 7, 100], i),
    }
    await runstate.create(path, body)
  }
  const numbers = ['successDeviceCount', 'errorDeviceCount']
  const vocabulary = { texts: ['userPrincipalName'], numbers, words: WORDS, counts: COUNTS }
  return { name: 'user run states', path, rows: await readRows(runstate, path), vocabulary }
}

async function createScripts(runstate: Runstate): Promise<Subject> {
  const path = shellFamily.set
  for (let i = 0; i < WORDS.length; i += 1) {
    await createScript(runstate, shellFamily, {
      displayName: i % 5 === 4 ? null : (WORDS[i] ?? null),
      description: i % 7 === 6 ? null : (pick(WORDS, i) ?? null),
      fileName: pick(WORDS, i + 3),
      retryCount: i % 5,
    })
  }
  const texts = ['displayName', 'description', 'fileName']
  const vocabulary = { texts, numbers: ['retryCount'], words: WORDS, counts: COUNTS }
  return { name: 'scripts', path, rows: await readRows(runstate, path), vocabulary }
}

async function readRows(runstate: Runstate, path: string): Promise<readonly Row[]> {
  return rowsOf(await ask(runstate, path, '')).map((row) => {
    const kept = Object.entries(row).filter(
      ([, value]) => value === null || /string|number/.test(typeof value),
    )
    return Object.fromEntries(
      kept.map(([name, value]) => [name, typeof value === 'number' ? value : textOf(value)]),
    )
  })
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

const idsOf = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.map(({ id }) => String(id))

/** A key of an order: what is written, and the value that rows stand by. */
interface Key {
  readonly text: string
  readonly isDescending: boolean
  readonly valueOf: (row: Row) => string | number | null
}

function anyKey({ texts, numbers }: Vocabulary): fc.Arbitrary<Key> {
  const plain = fc.constantFrom(...texts, ...numbers).map((name) => ({
    text: name,
    valueOf: (row: Row) => fold(row[name] ?? null),
  }))
  const lengths = fc.constantFrom(...texts).map((name) => ({
    text: `length(${name})`,
    valueOf: (row: Row) => {
      const text = fold(row[name] ?? null)
      return text === null ? null : [...String(text)].length
    },
  }))
  const remainders = fc.constantFrom(...numbers).map((name) => ({
    text: `${name} mod 3`,
    valueOf: (row: Row) => Number(row[name]) % 3,
  }))
  return fc
    .tuple(
      fc.oneof({ weight: 4, arbitrary: plain }, lengths, remainders),
      fc.constantFrom('', ' asc', ' desc'),
    )
    .map(([key, direction]) => ({
      ...key,
      text: `${key.text}${direction}`,
      isDescending: direction === ' desc',
    }))
}

/** Rows in an order, nulls before all else; then by where they stand without one, in the direction of the last key. */
function sorted(rows: readonly Row[], keys: readonly Key[], positions: readonly string[]): readonly Row[] {
  return rows.toSorted((a, b) => {
    for (const key of keys) {
      const difference = compareValues(key.valueOf(a), key.valueOf(b))
      if (difference !== 0) return key.isDescending ? -difference : difference
    }
    const place = positions.indexOf(String(a['id'])) - positions.indexOf(String(b['id']))
    return keys.at(-1)?.isDescending === true ? -place : place
  })
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b))
}

for (const create of [createStates, createScripts]) {
  describe(`of ${create === createStates ? 'user run states' : 'scripts'}`, () => {
    const runstate = useRunstate()
    let subject: Subject = {
      name: '',
      path: '',
      rows: [],
      vocabulary: { texts: [''], numbers: [''], words: [''], counts: [0] },
    }
    before(async () => {
      subject = await create(runstate())
    })

    test(`${RUNS} random filters keep the rows that they say`, async () => {
      const { path, rows, vocabulary } = subject
      let runs = 0
      await fc.assert(
        fc.asyncProperty(anyCondition(vocabulary), async ({ text, holds }) => {
          if (encodeURIComponent(text).length > 12_000) return
          const answer = await ask(runstate(), path, queryOf({ $filter: text }))
          const expected = idsOf(rows.filter(holds))
          assert.deepEqual(idsOf(rowsOf(answer)), expected, text)
          runs += 1
        }),
        { numRuns: RUNS },
      )
      assert(runs > RUNS * 0.9, `${runs} of ${RUNS} trees were asked`)
    })

    test('random orders and sizes of pages give the rows as they are sorted', async () => {
      const { path, rows, vocabulary } = subject
      const positions = idsOf(rows)
      const orders = fc.tuple(
        fc.array(anyKey(vocabulary), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
      )
      await fc.assert(
        fc.asyncProperty(orders, async ([keys, top]) => {
          const $orderby = keys.map(({ text }) => text).join(',')
          const ids: string[] = []
          let next: string | undefined = `${path}?${queryOf({ $orderby, $top: String(top) })}`
          while (next !== undefined) {
            const answer = await runstate().send('GET', next)
            ids.push(...idsOf(rowsOf(answer)))
            assert(ids.length <= rows.length, `${$orderby} $top=${top}`)
            const link: unknown = answer.body['@odata.nextLink']
            next = link === undefined ? undefined : String(link).replace(runstate().server.url, '')
          }
          assert.deepEqual(ids, idsOf(sorted(rows, keys, positions)), `${$orderby} $top=${top}`)
        }),
        { numRuns: 150 },
      )
    })
  })
}
