/** How those are answered that shared a transaction. */
import { unavailable } from '../refusals.ts'
import { isDatabaseFailure } from './failure.ts'

/** Who waits for an answer. */
interface Waiting {
  readonly reject: (reason: unknown) => void
}

/**
 * Gives the answers.
 *
 * @param durable resolves when all that they tell of is on the disk; undefined where it is.
 * @param refuse is called in their place where it does not.
 */
export function answerAll(
  answers: readonly (() => void)[],
  durable: Promise<void> | undefined,
  refuse: (cause: unknown) => void,
): void {
  const give = (): void => {
    for (const answer of answers) answer()
  }
  if (durable === undefined) give()
  else void durable.then(give, refuse)
}

export function refuseAll(waiting: readonly Waiting[], refusal: unknown): void {
  for (const { reject } of waiting) reject(refusal)
}

/** The answer to what failed alone. */
export function refusal({ reject }: Waiting, error: unknown): () => void {
  return () => reject(isDatabaseFailure(error) ? unavailable(error) : error)
}
