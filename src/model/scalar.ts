/** A JSON scalar as it came over the wire; a number keeps its text, so `2.0` and `2` can be told apart. */
export interface Scalar {
  readonly kind: 'string' | 'number' | 'boolean'
  readonly text: string
}
