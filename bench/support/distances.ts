import type { Bench, Row } from '../scenario.ts'

/** Round trips in ms: none, between continents, and to the other side of the earth. */
const distances = [0, 80, 200] as const
/** A short run waits less. */
const nearer = [0, 80] as const
export type Distance = (typeof distances)[number]

/** In ms, by name. */
export type Measures = Readonly<Record<string, number>>
export type Measured = Readonly<{ distance: Distance; measures: Measures }>

/** All distances in turn, so that whatever else the machine does meets each of them. */
export const overDistances = async (
  { quick, repeats, say }: Bench,
  what: string,
  measuring: (distance: Distance) => Promise<Measures>,
): Promise<Measured[]> => {
  const found: Measured[] = []
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    for (const distance of quick ? nearer : distances) {
      const measures = await measuring(distance)
      found.push({ distance, measures })
      const told = Object.entries(measures).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
      say(`repeat ${repeat}, ${what}, ${distance} ms away: ${told.join('; ')}`)
    }
  }
  return found
}

/** `name` at each distance in ms, and what the farther ones add, in round trips. */
export const distanceRows = (found: readonly Measured[], name: string, what: string): Row[] => {
  const at = (distance: Distance): number[] =>
    found.flatMap((one) => (one.distance === distance ? [one.measures[name] ?? Number.NaN] : []))
  const near = at(0)
  return distances.flatMap((distance): Row[] => {
    const repeats = at(distance)
    if (repeats.length === 0) return []
    const measure = `${what}, ${distance} ms away`
    const row: Row = { measure, unit: 'ms', repeats }
    if (distance === 0) return [row]
    const added = repeats.map((ms, index) => (ms - (near[index] ?? Number.NaN)) / distance)
    return [row, { measure: `${measure}: round trips`, unit: '×', repeats: added }]
  })
}
