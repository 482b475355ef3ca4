import { useEffect, useRef, useState } from 'preact/hooks'
import { routeOf } from './address.ts'
import { ask, type Failed } from './ask.ts'
import type { Query } from './query.ts'

export type Asking<Body> = Readonly<{
  /** The newest answer; it stays while the next one is asked for. */
  body: Body | null
  failure: Failed | null
  again: () => void
}>

type How = Readonly<{ query?: Query; everyMs?: number }>

/** What a route answers, asked when the page comes, when its query changes, and every so often. */
export const useAsked = <Body>(
  route: string | null,
  { query, everyMs }: How = {},
): Asking<Body> => {
  const key = route === null ? null : routeOf(route, query)
  const [found, setFound] = useState<Readonly<{ key: string; body: Body | null }> | null>(null)
  const [failure, setFailure] = useState<Failed | null>(null)
  const [turn, setTurn] = useState(0)
  const current = useRef(key)
  current.current = key
  useEffect(() => {
    if (route === null || key === null) return
    const leaving = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const askOnce = async (): Promise<void> => {
      const asked = { signal: leaving.signal, ...(query && { query }) }
      // A page that nobody sees asks for nothing.
      if (!document.hidden || everyMs === undefined) {
        const answer = await ask<Body>(route, asked)
        if (leaving.signal.aborted || current.current !== key) return
        if (answer.ok) setFound({ key, body: answer.body })
        setFailure(answer.ok ? null : answer)
      }
      if (everyMs !== undefined) timer = setTimeout(askOnce, everyMs)
    }
    void askOnce()
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [key, turn, everyMs])
  const body = found?.key === key ? (found?.body ?? null) : null
  return { body, failure, again: () => setTurn((before) => before + 1) }
}
