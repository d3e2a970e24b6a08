import { type Clock, type HttpRequest, isCorrelationId, newGuid, splitTarget } from '#base/base.ts'
import type { Model } from '#model/model.ts'
import {
  assertAcceptable,
  type BatchAnswer,
  type BatchPart,
  formatBatch,
  ODataError,
  parseBatch,
  parseBatchPath,
} from '#odata/odata.ts'
import type { Answered, Arrival, Outcome, Served, Service } from './outcome.ts'
import { startRecord } from './record.ts'
import { refuse } from './refusal.ts'
import { notAllowed, readBody } from './task.ts'

/** What a batch needs to run. */
export interface BatchOptions {
  readonly model: Model
  /** The wall clock, for the errors' dates. */
  readonly wallClock: Clock
  /** Answers one part, as it would be answered alone. */
  readonly answer: Service
}

/**
 * Runs the parts of a batch, those that wait for no other side by side: begun in one turn, their writes share a
 * commit. Each is authenticated, permitted, answered and recorded by itself; nothing is undone where one fails.
 *
 * @throws ODataError for what is wrong with the batch as such: then no part has run.
 */
export async function answerBatch({ request, record, lap }: Arrival, options: BatchOptions): Promise<Served> {
  record.operation = 'batch'
  const version = parseBatchPath(splitTarget(request.target).path, options.model)
  if (request.method !== 'POST') throw notAllowed(request.method, ['POST'])
  assertAcceptable(request.headers['accept'], ['application/json'])
  const parts = parseBatch(readBody(request))
  record.stages.resolve = lap()
  const begun = new Map<string, Promise<AnsweredPart>>()
  for (const part of parts) {
    const before = part.dependsOn.flatMap((id) => begun.get(id) ?? [])
    const beginning = { part, before, request: requestOf(part, request, version.name), batch: request.id }
    begun.set(part.id, run(beginning, options))
  }
  const answered = await Promise.all(begun.values())
  record.stages.operate = lap()
  const body = formatBatch(answered.map(answerOf))
  record.stages.write = lap()
  const headers = { 'content-type': 'application/json', 'odata-version': '4.0', 'cache-control': 'no-cache' }
  return { response: { status: 200, headers, body }, parts: answered }
}

interface AnsweredPart extends Answered {
  readonly part: BatchPart
}

interface Beginning {
  readonly part: BatchPart
  readonly request: HttpRequest
  /** What the part depends on. */
  readonly before: readonly Promise<AnsweredPart>[]
  /** The id of the batch. */
  readonly batch: string
}

/** The part as a request of its own. Of the batch's headers it has who calls, and the caller's name for it. */
function requestOf(part: BatchPart, batch: HttpRequest, version: string): HttpRequest {
  const { 'client-request-id': own = '', ...headers } = part.headers
  const { authorization, 'client-request-id': inherited } = batch.headers
  const name = isCorrelationId(own) ? own : inherited
  return {
    method: part.method,
    target: `/${version}/${part.url}`,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(name === undefined ? {} : { 'client-request-id': name }),
      ...headers,
    },
    body: part.body,
    origin: batch.origin,
    id: newGuid(),
    signal: batch.signal,
  }
}

async function run(
  { part, request, before, batch }: Beginning,
  { answer, wallClock }: BatchOptions,
): Promise<AnsweredPart> {
  const earlier = await Promise.all(before)
  const startedAt = performance.now()
  const failed = earlier.find(({ response }) => response.status >= 400)
  const outcome = failed === undefined ? await answer(request) : skip(request, failed.part)
  const answered = 'error' in outcome ? refuse(outcome.error, request, wallClock) : outcome
  const milliseconds = performance.now() - startedAt
  return { ...answered, part, request, record: { ...outcome.record, batch }, milliseconds }
}

function skip({ id }: HttpRequest, failed: BatchPart): Outcome {
  const message = `The request '${failed.id.slice(0, 100)}', on which this one depends, failed.`
  return { record: startRecord(id).record, error: new ODataError('FailedDependency', message) }
}

/** A part's answer names its request, as every answer does: by that its line in the log is found. */
function answerOf({ part, request, response: { status, headers, body } }: AnsweredPart): BatchAnswer {
  const named = { ...headers, 'request-id': request.id }
  return { id: part.id, status, headers: named, body: part.method === 'HEAD' ? undefined : body }
}
