/** The short form of `npm run test:postgres`: a few files of the contract, with all that it looks for. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { noPostgres } from '../support/postgres.ts'

const root = join(import.meta.dirname, '../..')
const files = ['user-state', 'patch', 'query-order']

test('both databases answer the contract alike, and no statement is of any tenant', {
  skip: noPostgres,
}, async () => {
  // With it the tests would take themselves for a part of this one.
  const { NODE_TEST_CONTEXT: _context, ...environment } = process.env
  const paths = files.map((name) => `test/contract/${name}.test.ts`)
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/test-postgres.ts', ...paths], {
    cwd: root,
    env: environment,
  })
  const [, answers] = /^(\d+) answers compared, 0 differ$/m.exec(stdout) ?? []
  const [, statements] = /^(\d+) different statements, 0 of any tenant$/m.exec(stdout) ?? []
  assert(Number(answers) > 1000 && Number(statements) > 50, stdout)
})
