const rememberedMax = 16

type Known = Readonly<{ names: readonly string[]; order: readonly string[] }>

const isSame = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}

/**
 * Sorts lists of names, of which a few come again and again: members of events of one type, headers
 * of records. To compare a list takes a fraction of what it takes to sort it.
 */
export class SortedNamesCache {
  readonly #known: Known[] = []

  /** The names in the order of their UTF-16 code units. Not to be changed: others get it too. */
  of(names: readonly string[]): readonly string[] {
    for (const known of this.#known) if (isSame(known.names, names)) return known.order
    const order = [...names].sort()
    this.#known.unshift({ names: [...names], order })
    this.#known.length = Math.min(this.#known.length, rememberedMax)
    return order
  }
}
