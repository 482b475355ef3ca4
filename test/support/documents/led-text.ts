const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * A text of a page with each of its addresses led to the test's, all in one pass and each as a
 * whole: a port that the system draws may begin with one that the page prints (30008 with 3000).
 */
export const ledText = (text: string, ways: Readonly<Record<string, string>>): string => {
  const names = Object.keys(ways).sort((one, other) => other.length - one.length)
  if (names.length === 0) return text
  const whole = new RegExp(`(?<![\\w.])(?:${names.map(escaped).join('|')})(?!\\d)`, 'g')
  return text.replace(whole, (name) => ways[name] ?? name)
}
