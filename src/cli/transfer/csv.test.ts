import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readCsv } from './csv.ts'
import { decodeChunks, type FileRecord } from './lines.ts'

/** The records of a text that comes in pieces of so many characters. */
async function read(text: string, size = text.length || 1): Promise<readonly FileRecord[]> {
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
    text.slice(i * size, (i + 1) * size),
  )
  return (await Array.fromAsync(readCsv(Readable.from(pieces)))).flat()
}

async function objectsOf(text: string): Promise<readonly unknown[]> {
  return (await read(text)).map((record) => ('text' in record ? JSON.parse(record.text) : record))
}

describe('comma-separated values', () => {
  const cases: readonly (readonly [string, string, readonly unknown[]])[] = [
    [
      'plain cells',
      'a,b\n1,2\n3,4\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['no line end after the last row', 'a\n1', [{ a: '1' }]],
    ['CRLF', 'a,b\r\n1,2\r\n', [{ a: '1', b: '2' }]],
    ['a comma, a line end and a quote in quotes', 'a,b\n"1,","x\n""y"""\n', [{ a: '1,', b: 'x\n"y"' }]],
    ['an empty cell, which says nothing', 'a,b\n,2\n', [{ b: '2' }]],
    ['an empty text', 'a,b\n"",2\n', [{ a: '', b: '2' }]],
    ['blank lines', 'a\n\n1\n\n\n2\n', [{ a: '1' }, { a: '2' }]],
    ['nothing', '', []],
    ['a header alone', 'a,b', []],
    ['spaces, as they are', 'a\n x \n', [{ a: ' x ' }]],
    ['a member of the name __proto__', '__proto__\nx\n', [JSON.parse('{"__proto__":"x"}')]],
  ]
  for (const [what, text, expected] of cases) {
    test(`have ${what}`, async () => assert.deepEqual(await objectsOf(text), expected))
  }

  const bad: readonly (readonly [string, string, FileRecord])[] = [
    ['too few cells', 'a,b\n1\n', { line: 2, message: 'The row has 1 cells, and the header 2.' }],
    ['too many cells', 'a\n1,2\n', { line: 2, message: 'The row has 2 cells, and the header 1.' }],
    [
      'a quote inside a cell',
      'a\nx"y"\n',
      { line: 2, message: 'Cell 1 has a quote that does not enclose it whole.' },
    ],
    [
      'text after a quote',
      'a,b\n1,"x"y\n',
      { line: 2, message: 'Cell 2 has a quote that does not enclose it whole.' },
    ],
  ]
  for (const [what, text, expected] of bad) {
    test(`with ${what} are a bad row of its line`, async () => assert.deepEqual(await read(text), [expected]))
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ['a,a\n', /the column 'a' twice/],
    ['a,,b\n', /a column without a name/],
    ['a"\n', /A quote in the row at line 1 does not end/],
    ['a\n"x\ny\n', /A quote in the row at line 2 does not end/],
    ['a"b"\n', /^Error: The header of the file cannot be read/],
  ]
  for (const [text, message] of refused) {
    test(`are refused whole where they are ${JSON.stringify(text)}`, async () => {
      await assert.rejects(read(text), message)
    })
  }

  test('count lines through quotes and blank lines', async () => {
    const records = await read('a\r\n"1\r\n2"\r\n\r\n3\r\n')
    assert.deepEqual(
      records.map(({ line }) => line),
      [2, 5],
    )
  })

  test('are the same wherever the pieces of the file end', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'ä', '😀', ' ') })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell)), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
        const text = ['x,y', ...rows.map((row) => row.map(quoted).join(','))].join('\r\n')
        const objects = (await read(text, size)).map((record) =>
          'text' in record ? JSON.parse(record.text) : record,
        )
        assert.deepEqual(
          objects,
          rows.map(([x, y]) => ({ x, y })),
        )
      }),
    )
  })
})

test('bytes that are not UTF-8 are refused, and a mark of the byte order is no part of the text', async () => {
  const decode = async (...chunks: readonly number[][]): Promise<string> =>
    (await Array.fromAsync(decodeChunks(Readable.from(chunks.map((chunk) => Uint8Array.from(chunk)))))).join(
      '',
    )
  assert.equal(await decode([0xef, 0xbb], [0xbf, 0x61, 0xc3], [0xa4]), 'aä')
  await assert.rejects(decode([0x61, 0xff]), /The file is not UTF-8/)
  await assert.rejects(decode([0x61, 0xc3]), /The file is not UTF-8/)
})
