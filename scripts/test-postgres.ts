/** Runs the tests of the contract and of the clients with every server on PostgreSQL; arguments go to `node --test`. */
import { spawn } from 'node:child_process'

const files = ['test/contract/*.test.ts', 'test/clients/*.test.ts', 'test/postgres/*.test.ts']
const given = process.argv.slice(2)
const child = spawn(process.execPath, ['--test', ...(given.length > 0 ? given : files)], {
  env: { ...process.env, RUNSTATE_TEST_DATABASE: 'postgres' },
  stdio: 'inherit',
})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
