import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { HttpRequest } from '#base/base.ts'
import { compress } from './compression.ts'

function requestWith(acceptEncoding: string | undefined): HttpRequest {
  const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }
  return { method: 'GET', target: '/', headers, origin: '', id: '', signal: AbortSignal.timeout(60_000) }
}

const long = 'é'.repeat(700)

describe('an answer is in gzip', () => {
  for (const accepted of ['gzip', 'deflate, GZIP', '*', 'gzip;q=0.1', 'br, *;q=0.5']) {
    test(`where the client takes '${accepted}'`, async () => {
      const { headers, body } = await compress(
        { status: 200, headers: { a: 'b' }, body: long },
        requestWith(accepted),
      )
      assert.equal(headers['content-encoding'], 'gzip')
      assert.equal(headers['a'], 'b')
      assert.equal(gunzipSync(Buffer.from(body ?? '')).toString(), long)
    })
  }

  test('when it is so large that another thread does it', async () => {
    const bytes = Buffer.alloc(1024 * 1024, 'runstate')
    const { body } = await compress({ status: 200, headers: {}, body: bytes }, requestWith('gzip'))
    assert(gunzipSync(Buffer.from(body ?? '')).equals(bytes))
  })
})

describe('an answer is as it was', () => {
  for (const accepted of [undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip;q=0, *', '*;q=0', 'xgzip']) {
    test(`where the client takes ${accepted === undefined ? 'what it says nothing of' : `'${accepted}'`}`, async () => {
      const response = { status: 200, headers: {}, body: long }
      assert.equal(await compress(response, requestWith(accepted)), response)
    })
  }

  test('below 1,400 bytes, in bytes and not in characters', async () => {
    const below = { status: 200, headers: {}, body: 'x'.repeat(1399) }
    assert.equal(await compress(below, requestWith('gzip')), below)
    const at = await compress({ ...below, body: 'é'.repeat(700) }, requestWith('gzip'))
    assert.equal(at.headers['content-encoding'], 'gzip')
  })

  test('where it has no body', async () => {
    const response = { status: 204, headers: {} }
    assert.equal(await compress(response, requestWith('gzip')), response)
  })
})
