/** Microsoft's plain client of Graph walks pages and waits where it is told to, over TLS. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import {
  Client,
  type PageCollection,
  PageIterator,
  RetryHandlerOptions,
} from '@microsoft/microsoft-graph-client'
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js'
import { skipped } from '../support/differences.ts'
import { type Listening, startListening } from '../support/listening.ts'

const SCRIPTS = '/deviceManagement/deviceShellScripts'

function createClient({ url, credential, scope }: Listening): Client {
  return Client.initWithMiddleware({
    baseUrl: url,
    defaultVersion: 'beta',
    customHosts: new Set(['localhost']),
    authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [scope] }),
  })
}

async function createScript(client: Client, displayName: string): Promise<unknown> {
  return await client.api(SCRIPTS).post({ displayName, fileName: 'a.sh', scriptContent: 'Cg==' })
}

describe("Microsoft's Graph client", () => {
  test('walks 25 scripts in pages of ten, each once', async () => {
    await using listening = await startListening()
    const client = createClient(listening)
    const names = Array.from({ length: 25 }, (_, index) => `Script ${index}`)
    for (const name of names) await createScript(client, name)
    const first: PageCollection = await client.api(SCRIPTS).top(10).get()
    assert.equal(first.value.length, 10)
    const walked: string[] = []
    const iterator = new PageIterator(client, first, ({ displayName }: { displayName: string }) => {
      walked.push(displayName)
      return true
    })
    await iterator.iterate()
    assert(iterator.isComplete())
    assert.deepEqual(walked.toSorted(), names.toSorted())
  })

  test('stops within a page, and resumes where it was', async () => {
    await using listening = await startListening()
    const client = createClient(listening)
    for (let index = 0; index < 5; index += 1) await createScript(client, `Script ${index}`)
    const walked = new Set<string>()
    const first: PageCollection = await client.api(SCRIPTS).top(2).get()
    const iterator = new PageIterator(client, first, ({ id }: { id: string }) => {
      walked.add(id)
      return walked.size !== 3
    })
    await iterator.iterate()
    assert.equal(walked.size, 3)
    assert(!iterator.isComplete())
    await iterator.resume()
    assert.equal(walked.size, 5)
  })

  test('repeats a write that a locked database refused, after as long as Retry-After says', {
    skip: skipped('repeats a write that a locked database refused'),
  }, async (t) => {
    await using listening = await startListening({ memory: false })
    const client = createClient(listening)
    await client.api(SCRIPTS).get()
    using other = new DatabaseSync(join(listening.data, 'runstate.db'))
    other.exec('BEGIN IMMEDIATE')
    const refusals: (readonly [status: number, retryAfter: string | null])[] = []
    const waits: unknown[] = []
    const shouldRetry: RetryHandlerOptions['shouldRetry'] = (...[, , , , { status, headers }]) => {
      refusals.push([status, headers.get('retry-after')])
      other.exec('ROLLBACK')
      const { setTimeout } = globalThis
      const mocked = t.mock.method(globalThis, 'setTimeout', (...args: Parameters<typeof setTimeout>) => {
        mocked.mock.restore()
        waits.push(args[1])
        return setTimeout(args[0], 0)
      })
      return true
    }
    const body = { displayName: 'Late', fileName: 'a.sh', scriptContent: 'Cg==' }
    const request = client.api(SCRIPTS).middlewareOptions([new RetryHandlerOptions(3, 3, shouldRetry)])
    const created: { readonly displayName: string } = await request.post(body)
    assert.equal(created.displayName, 'Late')
    assert.deepEqual(refusals, [[503, '5']])
    assert.deepEqual(waits, [5000])
    const { value }: PageCollection = await client.api(SCRIPTS).get()
    assert.equal(value.length, 1)
  })
})
