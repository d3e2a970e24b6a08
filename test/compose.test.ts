/** What compose.yaml and the Dockerfile say, held to each other and to the server: no engine runs them here. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Command } from 'commander'
import { parse } from 'yaml'
import { resolveConfig } from '#config.ts'
import { addServerOptions } from '../src/cli/options.ts'
import { startRunstate } from './support/runstate.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')

interface Service {
  readonly build?: string
  readonly image?: string
  readonly user?: string
  readonly environment: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly ports?: readonly string[]
  readonly volumes: readonly string[]
}

interface Compose {
  readonly services: { readonly runstate: Service; readonly postgres: Service }
  readonly volumes: Readonly<Record<string, unknown>>
}

const compose: Compose = parse(read('compose.yaml'))
const { runstate, postgres } = compose.services
const dockerfile = read('Dockerfile')

/** The last instruction of its kind in the Dockerfile. */
function instruction(name: string): string {
  const [, text = ''] =
    [...dockerfile.matchAll(new RegExp(`^${name} ((?:.*\\\\\\n)*.*)$`, 'gm'))].at(-1) ?? []
  return text
}

describe('compose.yaml', () => {
  test('builds Runstate here, and starts it when PostgreSQL is healthy', () => {
    assert.equal(runstate.build, '.')
    assert.equal(runstate.depends_on?.['postgres']?.condition, 'service_healthy')
    assert.deepEqual(postgres.healthcheck?.test.slice(0, 2), ['CMD', 'pg_isready'])
  })

  test('gives every secret by a variable that has no default and must be there', () => {
    const secrets = [
      ...['PGPASSWORD', 'RUNSTATE_TENANT', 'RUNSTATE_CLIENT_ID', 'RUNSTATE_CLIENT_SECRET'].map(
        (name) => runstate.environment[name],
      ),
      postgres.environment['POSTGRES_PASSWORD'],
    ]
    for (const value of secrets) assert.match(value ?? 'missing', /^\$\{[A-Z_]+:\?[\w ]+\}$/)
    assert.equal(runstate.environment['PGPASSWORD'], postgres.environment['POSTGRES_PASSWORD'])
    const substituted = [...read('compose.yaml').matchAll(/\$\{?\w+[^}\n]*/g)].map(([text]) => text)
    assert(substituted.length === 5 && substituted.every((text) => text.includes(':?')), String(substituted))
  })

  test('sets variables that the server reads', () => {
    const known = addServerOptions(new Command()).options.map(({ envVar }) => envVar)
    const image = [...instruction('ENV').matchAll(/(\w+)=/g)].map(([, name]) => name)
    const set = [...Object.keys(runstate.environment), ...image].filter((name) => name !== 'PGPASSWORD')
    assert(set.length >= 6)
    for (const name of set) assert(known.includes(name), `${name} is no variable of the server`)
  })

  test('names the database that PostgreSQL makes, by the name of its service', () => {
    const { database } = resolveConfig({ database: runstate.environment['RUNSTATE_DATABASE'] ?? '' })
    const url = new URL(database ?? '')
    const { POSTGRES_USER: user, POSTGRES_DB: name } = postgres.environment
    assert.deepEqual(
      [url.hostname, url.port, url.username, url.pathname],
      ['postgres', '5432', user, `/${name}`],
    )
    assert.equal(url.password, '', 'a password in a URL would have to be encoded')
  })

  test('publishes the HTTPS port alone, on loopback, and keeps both data folders in volumes', () => {
    const { port } = resolveConfig({})
    assert.deepEqual(runstate.ports, [`127.0.0.1:${port}:${port}`])
    assert.equal(instruction('EXPOSE'), String(port))
    assert.equal(postgres.ports, undefined)
    assert.deepEqual(runstate.volumes, [`runstate:${instruction('VOLUME')}`])
    assert.match(instruction('ENV'), new RegExp(`RUNSTATE_DATA=${instruction('VOLUME')}\\b`))
    assert.deepEqual(Object.keys(compose.volumes), ['runstate', 'postgres'])
    assert.equal(postgres.volumes.length, 1)
  })

  test('runs neither as root', () => {
    assert.equal(runstate.user, undefined, 'the image has its own')
    assert.equal(instruction('USER'), 'node')
    assert.equal(postgres.user, 'postgres')
  })
})

test('the health check of the Dockerfile asks for a path that is served, on the port of plain HTTP', async () => {
  const [, port, path = ''] = /http:\/\/127\.0\.0\.1:(\d+)([\w/]+)/.exec(instruction('HEALTHCHECK')) ?? []
  assert.equal(Number(port), resolveConfig({}).httpPort)
  await using server = await startRunstate()
  assert.equal((await server.send('GET', path, { token: null })).status, 200)
})
