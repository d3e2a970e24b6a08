import { newGuid } from '#base/base.ts'
import type { Edge } from './edge.ts'

/** Answers a request of the Fetch standard without a socket, as the listener answers one with it. */
export async function answerWebRequest(
  request: Request,
  edge: Edge,
  publicUrl: string | undefined,
): Promise<Response> {
  const url = new URL(request.url)
  // A Request keeps `patch` as it was written.
  const method = request.method.toUpperCase()
  const { status, headers, body } = await edge.answer({
    method,
    target: url.pathname + url.search,
    headers: { ...Object.fromEntries(request.headers), host: url.host },
    body: request.body === null ? undefined : new Uint8Array(await request.arrayBuffer()),
    origin: publicUrl ?? url.origin,
    id: newGuid(),
    signal: request.signal,
  })
  const hasBody = method !== 'HEAD' && body !== undefined
  return new Response(hasBody ? new Uint8Array(Buffer.from(body)) : null, { status, headers })
}
