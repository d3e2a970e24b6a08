/** How often a cache had what it was asked for since the start, and how often not. */
export interface CacheFigures {
  readonly hits: number
  readonly misses: number
}
