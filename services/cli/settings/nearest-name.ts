/** Edits of one character that turn `a` into `b` (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const charactersMax = 100

/** What was probably meant by `name`, or `null` when nothing is near. */
export const nearestName = (name: string, known: readonly string[]): string | null => {
  if (name.length > charactersMax) return null
  const [best] = known
    .map((one) => ({ one, edits: distance(name, one) }))
    .sort((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.max(2, Math.floor(name.length / 4)) ? best.one : null
}
