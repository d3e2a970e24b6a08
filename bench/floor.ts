/**
 * The floor: what bare node:http and node:sqlite do for the same work on the same rows, without a token, a model, a
 * check or a header more than needed. One commit a turn of the event loop, as the server commits.
 *
 *     node bench/floor.ts [states]    prints its port
 */
import { mkdtempSync, rmSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { SCRIPTS, STATES, scriptId, stateId } from './rows.ts'

const states = Number(process.argv[2] ?? STATES)

interface Waiting {
  readonly values: readonly (string | number)[]
  readonly answer: (row: unknown) => void
}

function openDatabase(): DatabaseSync {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'floor-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const database = new DatabaseSync(path.join(folder, 'floor.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(`CREATE TABLE user_state (tenant TEXT, script TEXT, id TEXT, success INT, error INT, upn TEXT,
    PRIMARY KEY (tenant, script, id)) WITHOUT ROWID; BEGIN`)
  const insert = database.prepare('INSERT INTO user_state VALUES (?, ?, ?, ?, ?, ?)')
  for (let n = 0; n < states; n += 1) {
    insert.run('t', scriptId(n % SCRIPTS), stateId(n), n % 7, n % 3, `user${n}@contoso.com`)
  }
  database.exec('COMMIT')
  return database
}

function createWriter(database: DatabaseSync, update: StatementSync): (waiting: Waiting) => void {
  let queue: Waiting[] = []
  const flush = (): void => {
    const batch = queue
    queue = []
    database.exec('BEGIN')
    const rows = batch.map(({ values }) => update.get(...values))
    database.exec('COMMIT')
    for (const [i, { answer }] of batch.entries()) answer(rows[i])
  }
  return (waiting) => {
    if (queue.push(waiting) === 1) setImmediate(flush)
  }
}

function readJson(request: IncomingMessage, done: (body: Record<string, number>) => void): void {
  const chunks: Uint8Array[] = []
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  request.on('end', () => done(JSON.parse(Buffer.concat(chunks).toString())))
}

function serve(): void {
  const database = openDatabase()
  const update = database.prepare(
    'UPDATE user_state SET success = ?, error = ? WHERE tenant = ? AND script = ? AND id = ? RETURNING *',
  )
  const select = database.prepare('SELECT * FROM user_state WHERE tenant = ? AND script = ? AND id = ?')
  const write = createWriter(database, update)
  const server = http.createServer((request, response) => {
    const [, , , , script = '', , id = ''] = (request.url ?? '').split('/')
    const answer = (row: unknown): void => {
      const text = JSON.stringify(row)
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      response.end(text)
    }
    if (request.method === 'GET') return answer(select.get('t', script, id))
    readJson(request, ({ successDeviceCount = 0, errorDeviceCount = 0 }) =>
      write({ values: [successDeviceCount, errorDeviceCount, 't', script, id], answer }),
    )
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
}

serve()
