/** Writers that send one request after another to a server that they may lose, or that may lose its database. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Outcome, outcomeOf, type Phase } from './answers.ts'
import type { Answer, Client } from './client.ts'
import type { Ledger } from './ledger.ts'
import { nextOrders, type Order, type Writer } from './orders.ts'

/** The server that is written to. */
export interface Target {
  readonly client: Client
  readonly phase: () => Phase
  /** Whether writers are to begin nothing more. */
  readonly isOver: () => boolean
  /** Told of what must not be. */
  readonly object: (violation: string) => void
  /** Told what each request, or part of a batch, came to. */
  readonly tell: (outcome: Outcome) => void
}

const PAUSE_MS = 20

/** Writes until that is over, or it is not known any more what there is: then only a comparison helps. */
export async function write(writer: Writer, target: Target): Promise<void> {
  while (!target.isOver()) {
    const outcomes = await send(nextOrders(writer), writer, target)
    if (outcomes.includes('unknown')) return
    if (outcomes.includes('refused')) await delay(PAUSE_MS)
  }
}

/** Sends a request, or a batch of many, and enters how each was answered. */
export async function send(
  orders: readonly Order[],
  { ledger }: Pick<Writer, 'ledger'>,
  target: Target,
): Promise<readonly Outcome[]> {
  const [first, ...others] = orders
  if (first === undefined) return []
  for (const { step } of orders) ledger.begin(step)
  try {
    const answers = others.length === 0 ? [await sendOne(first, target)] : await sendBatch(orders, target)
    return orders.map((order, index) => enter(order, answers[index], { ledger, target }))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    if (target.phase() !== 'killed')
      target.object(`no answer from a server that runs: ${String(error.cause)}`)
    return ['unknown']
  }
}

async function sendOne({ method, path, body }: Order, { client }: Target): Promise<Answer> {
  return await client(method, path, body)
}

/** The answers of the parts, in the order of the parts; where the batch was refused, that for each. */
async function sendBatch(orders: readonly Order[], { client }: Target): Promise<readonly Answer[]> {
  const requests = orders.map(({ method, path, body, step }, index) => {
    const before = orders.findIndex((each) => each.step === step.after)
    return {
      id: String(index),
      method,
      url: `/${path}`,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      ...(before === -1 ? {} : { dependsOn: [String(before)] }),
    }
  })
  const answer = await client('POST', '$batch', { requests })
  if (answer.status !== 200) return orders.map(() => answer)
  const responses: unknown = answer.body['responses']
  assert(Array.isArray(responses), 'a batch has responses')
  return orders.map((_, index) => {
    const part = responses.find(({ id }) => id === String(index))
    assert(part !== undefined, `the batch has no answer to the part ${index}`)
    return { status: part.status, headers: new Headers(part.headers), body: part.body ?? {} }
  })
}

function enter(
  { method, path, step }: Order,
  answer: Answer | undefined,
  { ledger, target }: { readonly ledger: Ledger; readonly target: Target },
): Outcome {
  assert(answer !== undefined, 'every order has an answer')
  const outcome = outcomeOf(answer, target.phase())
  target.tell(outcome)
  if (outcome === 'done') {
    ledger.acknowledge(step, method === 'POST' ? `${path}/${answer.body['id']}` : undefined)
  } else if (outcome !== 'unknown') ledger.refuse(step)
  if (outcome === 'wrong')
    target.object(`${method} ${path} was answered with ${answer.status} ${JSON.stringify(answer.body)}`)
  return outcome
}
