import { createHash } from 'node:crypto'

/** What the content of a blacklist view is made of; structural, so that events know no port. */
type Content = Readonly<{
  key: string
  cutoff: number | null
  expiresAt: number
  reason: string
  revokedAt: number
  id: string
}>
type Placed = Content & Readonly<{ position: string | null }>

// No cutoff counts as lower than any: a damaged duplicate without one must not un-revoke.
const cutoffOf = ({ cutoff }: Content): number => cutoff ?? -1

// Plain comparison of code units: ids are ASCII, so databases that compare bytes agree.
const byKey = (a: Content, b: Content): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/**
 * One entry out of two of the same key: `cutoff` and `expiresAt` by maximum; `reason`, `revokedAt`
 * and `id` of the smallest `id` among the greatest `cutoff`. Commutative, associative and
 * idempotent in all fields that `hashEntries` covers; `position` is only a hint: that of the
 * winner, else the other's, the earlier argument's on a tie.
 */
export const mergeEntry = <Entry extends Placed>(existing: Entry, incoming: Entry): Entry => {
  const [mine, theirs] = [cutoffOf(existing), cutoffOf(incoming)]
  const incomingWins = theirs > mine || (theirs === mine && incoming.id < existing.id)
  const [winner, other] = incomingWins ? [incoming, existing] : [existing, incoming]
  return {
    ...winner,
    expiresAt: Math.max(existing.expiresAt, incoming.expiresAt) as Entry['expiresAt'],
    position: winner.position ?? other.position,
  }
}

/**
 * SHA-256 (hex) of a view's content, the same whatever the order of `entries`. The caller leaves
 * out what is expired; positions do not count. Costs a sort and one pass; all entries are in
 * memory.
 */
export const hashEntries = (entries: readonly Content[]): string => {
  const lines = [...entries]
    .sort(byKey)
    .map(({ key, cutoff, expiresAt, reason, revokedAt, id }) =>
      JSON.stringify([key, cutoff, expiresAt, reason, revokedAt, id]),
    )
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
