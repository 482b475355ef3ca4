import type { ClosedTime, RevocationItem } from './revocation-record.ts'

/**
 * Whether a reader that began at offset `began`, and has left out nothing since, knows all that
 * `closed` speaks of. A closed time of version 1 does not say where one must have begun: whoever
 * began at the log's start takes its word, as readers of that version did, and whoever began
 * further on by choice (`inTheMiddle`) does not.
 */
export const covers = ({ low }: ClosedTime, began: number, inTheMiddle = false): boolean =>
  low === null ? !inTheMiddle : began <= low

/** `item` as it counts for a reader that began at `began`. */
export const asFarAsCovered = (
  item: RevocationItem,
  began: number,
  inTheMiddle = false,
): RevocationItem =>
  item.kind !== 'closed' || covers(item.closed, began, inTheMiddle)
    ? item
    : { ...item, kind: 'uncovered', began }
