import type { Transfer, TransferOptions } from './transfer.ts'

/** Opens the way in and out of a tenant. Its code is loaded where it is asked for: few servers ever are. */
export async function openTransfer(options: TransferOptions): Promise<Transfer> {
  const { createTransfer } = await import('./transfer.ts')
  return createTransfer(options)
}
