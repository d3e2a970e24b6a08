import type { Doer } from '../control.ts'

/** All that a tenant has, as lines, some at a time: of the server that runs, or of the database. */
export async function* exportLines(doer: Doer, tenant: string | undefined): AsyncGenerator<string> {
  let own: AsyncGenerator<string> | undefined
  const begun = await doer.run({
    command: 'export-begin',
    argument: { tenant },
    here: async (server) => {
      own = (await server.transfer(tenant)).exportLines()
    },
  })
  if (own !== undefined) {
    yield* own
    return
  }
  const id = textOf(begun, 'id') ?? ''
  for (;;) {
    const piece = await doer.run({
      command: 'export-next',
      argument: { id },
      here: () => Promise.reject(new Error('The server has ended before the export has: begin it again.')),
    })
    const text = textOf(piece, 'text')
    if (text === undefined) return
    yield text
  }
}

function textOf(answer: unknown, name: 'id' | 'text'): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const value: unknown = Object.entries(answer).find(([each]) => each === name)?.[1]
  return typeof value === 'string' ? value : undefined
}
