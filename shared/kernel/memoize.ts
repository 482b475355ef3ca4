/** What `make` makes of what `source` gives; made again once that is another object. */
export const memoize = <Source extends object, Made>(
  source: () => Source,
  make: (source: Source) => Made,
): (() => Made) => {
  let from: Source | undefined
  let made: Made
  return () => {
    const given = source()
    if (given !== from) {
      made = make(given)
      from = given
    }
    return made
  }
}
