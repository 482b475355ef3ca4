import { useState } from 'preact/hooks'
import { ask, type Failed } from './ask.ts'
import type { Query } from './query.ts'
import { useAsked } from './use-asked.ts'

type Page<Row> = Readonly<{ rows: readonly Row[]; next: string | null }>

/** Pages of a list, the next one when somebody asks for it; a list holds so many rows at most. */
const rowsMax = 1_000

export type Pages<Row> = Readonly<{
  asked: Readonly<{ body: readonly Row[] | null; failure: Failed | null; again: () => void }>
  hasMore: boolean
  more: () => Promise<void>
}>

/** `rowsOf` finds the rows in an answer: routes call them differently. */
export const usePages = <Body extends Readonly<{ next: string | null }>, Row>(
  route: string | null,
  query: Query,
  rowsOf: (body: Body) => readonly Row[],
): Pages<Row> => {
  const key = `${route} ${JSON.stringify(query)}`
  const first = useAsked<Body>(route, { query })
  const [later, setLater] = useState<(Page<Row> & Readonly<{ key: string }>) | null>(null)
  const [failure, setFailure] = useState<Failed | null>(null)
  const own = later?.key === key ? later : null
  const next = own ? own.next : (first.body?.next ?? null)
  const rows = first.body && [...rowsOf(first.body), ...(own?.rows ?? [])]
  const more = async (): Promise<void> => {
    if (route === null || next === null) return
    const answer = await ask<Body>(route, { query: { ...query, after: next } })
    setFailure(answer.ok ? null : answer)
    if (!answer.ok) return
    const come = [...(own?.rows ?? []), ...rowsOf(answer.body)]
    setLater({ key, rows: come, next: answer.body.next })
  }
  return {
    asked: { body: rows, failure: failure ?? first.failure, again: first.again },
    hasMore: next !== null && (rows?.length ?? 0) < rowsMax,
    more,
  }
}
