import type { KnownHead } from '../ports/trail-heads.ts'

/** `GET /audit/head` at `url`, asking from `known`. */
export const headUrl = (url: URL, known: KnownHead | null): URL => {
  const asking = new URL(url)
  if (known === null) return asking
  asking.search = String(new URLSearchParams({ origin: known.origin, from: String(known.size) }))
  return asking
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>
type Asked =
  | Readonly<{ ok: true; known: KnownHead | null }>
  | Readonly<{ ok: false; field: 'origin' | 'from'; problem: string }>

const originPattern = /^[\x21-\x7e]{1,512}$/

const wrong = (field: 'origin' | 'from', problem: string): Asked => ({ ok: false, field, problem })

/** What `?origin=…&from=…` asks about; nothing, without both. */
export const parseHeadQuery = ({ origin, from }: Query): Asked => {
  if (origin === undefined && from === undefined) return { ok: true, known: null }
  if (typeof origin !== 'string' || !originPattern.test(origin)) {
    return wrong('origin', 'Must be the first line of a checkpoint, beside `from`.')
  }
  const size = typeof from === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(from) ? Number(from) : -1
  if (!Number.isSafeInteger(size) || size < 0) {
    return wrong('from', 'Must be the size of a checkpoint, beside `origin`.')
  }
  return { ok: true, known: { origin, size } }
}
