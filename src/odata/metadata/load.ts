/** Loads what writes the documents that machines read. */
export async function loadDocuments(): Promise<typeof import('./documents.ts')> {
  return await import('./documents.ts')
}
