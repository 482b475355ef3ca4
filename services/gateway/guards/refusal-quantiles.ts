import type { RefusalCounts } from '../../../shared/ports/guard-registry.ts'

/**
 * How long revocations took until guards refused: upper bounds of the buckets, in ms; `null` beyond
 * what guards count, and of nothing.
 */
export type RefusalQuantiles = Readonly<{
  count: number
  p50Ms: number | null
  p99Ms: number | null
  maxMs: number | null
}>

export const refusalQuantiles = ({ buckets, count }: RefusalCounts): RefusalQuantiles => {
  const boundAt = (share: number): number | null => {
    const wanted = Math.ceil(share * count)
    const found = count === 0 ? undefined : buckets.find((bucket) => bucket.count >= wanted)
    return found ? Math.round(found.le * 1_000) : null
  }
  return { count, p50Ms: boundAt(0.5), p99Ms: boundAt(0.99), maxMs: boundAt(1) }
}

/** How many took at most so long, as far as the buckets tell: never too many. */
const countBelow = ({ buckets }: RefusalCounts, seconds: number): number =>
  buckets.findLast(({ le }) => le <= seconds)?.count ?? 0

/** The sum of several guards' counts; guards of other versions may have other buckets. */
export const summedRefusals = (all: readonly RefusalCounts[]): RefusalCounts => {
  const bounds = [...new Set(all.flatMap(({ buckets }) => buckets.map(({ le }) => le)))]
  const total = (of: (counts: RefusalCounts) => number): number =>
    all.reduce((sum, counts) => sum + of(counts), 0)
  return {
    buckets: bounds
      .sort((a, b) => a - b)
      .map((le) => ({ le, count: total((counts) => countBelow(counts, le)) })),
    count: total(({ count }) => count),
  }
}
