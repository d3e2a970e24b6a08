/** Every limit that a client can run into, in one place; each is tested at its value and one past it. */
export const limits = {
  /** Bytes of a request body; one more answers 413. Graph documents 4 MB for write requests. */
  bodyBytes: 4 * 1024 * 1024,
  /** Bytes of the request line's target; one more answers 414. */
  urlBytes: 16 * 1024,
  /** Bytes of all request headers, names included; more answers 431. */
  headerBytes: 16 * 1024,
  /** Objects and arrays within each other in a JSON body. */
  jsonDepth: 100,
  /** Parentheses, calls, `any`s, `not`s and minus signs within each other in an expression of a query option. */
  filterDepth: 100,
  /** Operators, calls, paths and literals of one query option. */
  filterNodes: 2000,
  /** Keys of one `$orderby`. */
  orderKeys: 32,
  /** `$expand`s within each other. */
  expandDepth: 4,
  /** Rows of an expanded navigation of each row; more follow by its own link. */
  expandedRows: 100,
  /** Bytes of stored text in all that one `$expand` brings. */
  expandedBytes: 32 * 1024 * 1024,
  /** Requests in a batch, as Graph documents it. */
  batchParts: 20,
  /** Rows of a page, and the size of a page where `$top` does not say. */
  pageRows: 1000,
  /** Bytes of stored text and content in a page; a row that would pass it waits for the next, unless it is alone. */
  pageBytes: 8 * 1024 * 1024,
  /** Characters of an id that is made of what an entity is about: it has to go into a URL, encoded, and into a token. */
  idCharacters: 1024,
  /** Bytes of a `$skiptoken`, so that a link with it and with a query of the same size is no longer than a URL may be. */
  skipTokenBytes: 8 * 1024,
  /** Milliseconds a read may scan before it is stopped with 503. */
  scanMs: 10_000,
  /** Milliseconds for a whole request, headers and body, to arrive; by then what is not whole is answered 408. */
  requestMs: 10_000,
  /** Milliseconds that a stopping server waits for requests in flight before it cuts them off. */
  stopMs: 10_000,
  /** Verified tokens kept in memory. */
  cachedTokens: 10_000,
  /** Requests that share one commit. */
  commitRequests: 64,
  /** Characters of a line of an import; an entity with many large texts is longer than any body that wrote it. */
  importLineBytes: 32 * 1024 * 1024,
  /** Bytes of a request of the command line to a running server: a line of an import fits, escaped. */
  controlBytes: 80 * 1024 * 1024,
  /** Characters of a piece of an export; the lines of the page with which it is full are whole. */
  exportPieceCharacters: 256 * 1024,
  /** Milliseconds that an export waits to be asked for more before it is given up: it holds on to old rows. */
  exportIdleMs: 60_000,
  /** Rows that the purge of a deleted script or tenant removes in one commit. */
  purgeRows: 1000,
  /** Rows of a mark that are copied in one commit, ahead of the next reset. */
  copyRows: 500,
  /** Characters of the name of a mark. */
  markCharacters: 100,
} as const
