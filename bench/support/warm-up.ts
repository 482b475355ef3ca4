const roundsMax = 12
/** So many rounds in a row that are not faster end it. */
const flatRounds = 2
const rise = 1.03

/**
 * Plays rounds until they are no longer faster than those before: V8 compiles what is called often
 * in several steps, and a server with much code needs ten seconds of load for it, a small one two.
 * A server runs for days, so what is measured is what it does after that, of each side.
 *
 * `round` answers its rate.
 */
export const warmUp = async (round: () => Promise<number>): Promise<void> => {
  let best = 0
  let flat = 0
  for (let played = 0; played < roundsMax && flat < flatRounds; played += 1) {
    const rate = await round()
    flat = rate > best * rise ? 0 : flat + 1
    best = Math.max(best, rate)
  }
}
