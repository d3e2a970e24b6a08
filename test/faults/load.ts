/** Writers that send one request after another until the server is gone. */
import assert from 'node:assert/strict'
import type { Answer, Client } from './client.ts'
import { nextOrders, type Order, type Writer } from './orders.ts'

/** The server that is written to. */
export interface Target {
  readonly client: Client
  /** Whether it was killed: until then, every request has an answer. */
  readonly isKilled: () => boolean
  /** Told of what must not be. */
  readonly object: (violation: string) => void
}

/** Writes until the server is killed. */
export async function write(writer: Writer, target: Target): Promise<void> {
  while (!target.isKilled()) {
    const orders = nextOrders(writer)
    try {
      if (orders.length === 1) for (const order of orders) await sendOne(order, writer, target)
      else if (orders.length > 1) await sendBatch(orders, writer, target)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      if (!target.isKilled()) target.object(`no answer from a server that runs: ${String(error.cause)}`)
      return
    }
  }
}

/** Sends a request, and enters how it was answered. */
export async function sendOne(
  order: Order,
  { ledger }: Pick<Writer, 'ledger'>,
  target: Target,
): Promise<void> {
  const { method, path, body, step } = order
  ledger.begin(step)
  enter(order, await target.client(method, path, body), { ledger, target })
}

async function sendBatch(orders: readonly Order[], { ledger }: Writer, target: Target): Promise<void> {
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
  for (const { step } of orders) ledger.begin(step)
  const { status, body } = await target.client('POST', '$batch', { requests })
  const responses: unknown = body['responses']
  assert(status === 200 && Array.isArray(responses), `a batch was answered with ${status}`)
  const answers: readonly (Answer & { readonly id: string })[] = responses
  for (const answer of answers) {
    const order = orders[Number(answer.id)]
    assert(order !== undefined, `no part of the batch is ${answer.id}`)
    enter(order, answer, { ledger, target })
  }
}

function enter(
  { method, path, step }: Order,
  { status, body }: Answer,
  { ledger, target }: Pick<Writer, 'ledger'> & { readonly target: Target },
): void {
  if (status >= 200 && status < 300) {
    ledger.acknowledge(step, method === 'POST' ? `${path}/${body?.['id']}` : undefined)
  } else {
    ledger.refuse(step)
    target.object(`${method} ${path} was answered with ${status} ${JSON.stringify(body)}`)
  }
}
