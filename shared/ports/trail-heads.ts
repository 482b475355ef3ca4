/** Where somebody stands in a log of heads. */
export type KnownHead = Readonly<{ origin: string; size: number }>

/**
 * The signed heads of the trail, for whoever keeps the newest one and compares.
 * - `newest` answers a text of `encodeHeads`: the newest head, and what proves that it goes on from
 *   `known`, as far as anything does. `null` while nothing is signed.
 * - Not promised: that it is the newest of this instant; some seconds may lie between.
 * - Rejects with TRAIL_INVALID when the trail’s files are not as they were signed, and with
 *   TRAIL_UNAVAILABLE when who has them does not answer.
 */
export interface TrailHeads {
  newest(known: KnownHead | null): Promise<string | null>
}
