/** Closes a switch over a union: the type says it cannot be reached, the error says where we were wrong. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
