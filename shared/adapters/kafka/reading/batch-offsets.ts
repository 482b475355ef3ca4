/** Where one reader stands in one partition. */
export type Place = {
  /** The offset that it wants next. */
  next: number
  /** Whether it asked the broker for `next` and still got something else. */
  sought: boolean
}

export type Span = Readonly<{ first: number; last: number; end: number }>

/**
 * What to do with a batch that the broker gave, for a reader that stands at `place`. Pure.
 * - `deliver`: from `next`, or all of it when it begins above: `next` is below the log's start, and
 *   the gap shows.
 * - `restart`: `next` lies past the end that came with the batch. Once the log is known to end
 *   there, it is not the log that the reader knew, and all of it is delivered.
 * - `seek`: the group began elsewhere (kafkajs starts every generation at the log's start).
 */
export const batchOffsets = (
  { first, last, end }: Span,
  place: Place,
): 'deliver' | 'seek' | 'restart' => {
  if (place.next > end) return 'restart'
  if (first <= place.next && place.next <= last) return 'deliver'
  if (last < place.next) return 'seek'
  return place.sought ? 'deliver' : 'seek'
}
