import type { KnownHead } from '../ports/trail-heads.ts'

/** `GET /audit/head` at `url`, asking from `known`. */
export const headUrl = (url: URL, known: KnownHead | null): URL => {
  const asking = new URL(url)
  if (known === null) return asking
  asking.search = String(new URLSearchParams({ origin: known.origin, from: String(known.size) }))
  return asking
}
