export type Spread = Readonly<{ min: number; median: number; max: number }>

/** The smallest value that at least `share` of `values` do not exceed; NaN for none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? Number.NaN
}

/**
 * The median of an even number of values is the lower of the two in the middle: a value that was
 * measured.
 */
export const spreadOf = (values: readonly number[]): Spread => ({
  min: percentile(values, 0),
  median: percentile(values, 0.5),
  max: percentile(values, 1),
})

/** `over / under`, repeat by repeat: what was measured side by side is divided side by side. */
export const ratios = (over: readonly number[], under: readonly number[]): number[] =>
  over.map((value, index) => value / (under[index] ?? Number.NaN))

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
