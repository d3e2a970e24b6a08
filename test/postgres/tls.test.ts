/** TLS to the database: who is checked, by what, and what is said where the check fails. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { mintCa, mintLeaf } from '#http/certificate-factory.ts'
import { model } from '#model/model.ts'
import { openStorage, query } from '#storage/storage.ts'
import { createFolder } from '../support/command-line.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'

/** Over the network only with TLS. */
const ACCESS = `local   all all trust
hostssl all all 127.0.0.1/32 trust
hostssl all all ::1/128 trust
`

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  await new Promise((resolve) => server.close(resolve))
  assert(typeof address === 'object' && address !== null)
  return address.port
}

describe('a database that asks for TLS', { skip: noPostgres }, () => {
  const folder = createFolder({ after })
  const ours = join(folder, 'ca.pem')
  const anothers = join(folder, 'another.pem')
  let port = 0
  let cluster: Postgres

  before(async () => {
    const now = new Date()
    const [ca, another] = await Promise.all(
      ['ours', 'another'].map((name) => mintCa({ name, hosts: [], now })),
    )
    assert(ca !== undefined && another !== undefined)
    writeFileSync(ours, ca.cert)
    writeFileSync(anothers, another.cert)
    const leaf = await mintLeaf({ ca, hosts: ['localhost'], now })
    port = await findFreePort()
    cluster = await startPostgres({
      settings: { listen_addresses: 'localhost', port: String(port), ssl: 'on' },
      files: { 'server.crt': leaf.cert, 'server.key': leaf.key, 'pg_hba.conf': ACCESS },
    })
    await cluster.create('secured')
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  const open = (rest: string, host = 'localhost') =>
    openStorage({ model, database: `postgres://runstate:secret@${host}:${port}/secured?${rest}` })

  const refusals: readonly {
    readonly name: string
    readonly rest: string
    readonly host?: string
    readonly reason: RegExp
  }[] = [
    {
      name: 'whose certificate another CA signed',
      rest: `sslmode=verify-full&sslrootcert=${anothers}`,
      reason: /certificate/,
    },
    {
      name: 'whose certificate no CA of this machine signed',
      rest: 'sslmode=verify-full',
      reason: /certificate/,
    },
    {
      name: 'whose certificate is for another name',
      rest: `sslmode=verify-full&sslrootcert=${ours}`,
      host: '127.0.0.1',
      reason: /does not match certificate's altnames.*127\.0\.0\.1/,
    },
    { name: 'without TLS', rest: 'sslmode=disable', reason: /no encryption/ },
    {
      name: 'by a certificate that is not there',
      rest: `sslmode=verify-full&sslrootcert=${join(folder, 'none.pem')}`,
      reason: /none\.pem/,
    },
    {
      name: 'by a certificate that is none',
      rest: `sslmode=verify-full&sslrootcert=${import.meta.filename}`,
      reason: /certificate/,
    },
  ]

  test('is used where its certificate is signed by the CA that is named, for the name that is asked', async () => {
    await using storage = await open(`sslmode=verify-full&sslrootcert=${ours}`)
    const [row] = await storage.read(
      query`SELECT ssl AS is_secured FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    )
    assert.equal(row?.['is_secured'], true)
  })

  for (const { name, rest, host = 'localhost', reason } of refusals) {
    test(`is not used ${name}, and the start says why in one sentence`, async () => {
      await assert.rejects(open(rest, host), (error: Error) => {
        const start = `The database ${host}:${port}/secured cannot be used: see that it runs and lets you in, or give another with --database (`
        assert(error.message.startsWith(start), error.message)
        assert.match(error.message, reason)
        assert(!error.message.includes('secret') && !error.message.includes('\n'))
        return true
      })
    })
  }
})
