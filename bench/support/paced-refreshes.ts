import { systemClock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { absorb, cookieHeader, type Jar } from '../../test/support/processes/browser.ts'
import { sendHttp } from '../../test/support/requests/http-send.ts'
import type { SeededSession } from './session-seeder.ts'

/** A refresh ends one token and issues two. */
export const eventsEachRefresh = 3
const stepMs = 100

const jarOf = ({ cookie }: SeededSession): Jar =>
  new Map(
    cookie.split('; ').map((pair): [string, string] => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

export type PacedRefreshes = Closable & {
  /** How many were answered 200 so far. */
  readonly done: number
}

/** Refreshes these sessions in turn, so that so many events a second come. */
export const paceRefreshes = (
  url: string,
  sessions: readonly SeededSession[],
  eventsPerSecond: number,
): PacedRefreshes => {
  const jars = sessions.map(jarOf)
  const stop = new AbortController()
  let [done, turn] = [0, 0]
  const refresh = async (): Promise<void> => {
    const jar = jars[turn++ % jars.length]
    if (!jar) return
    const sent = { method: 'POST', headers: cookieHeader(jar) }
    const { status, setCookie } = await sendHttp(`${url}/refresh`, sent)
    absorb(jar, setCookie)
    if (status === 200) done += 1
  }
  const run = async (): Promise<void> => {
    const beganMs = systemClock.monotonicMs()
    let sent = 0
    while (!stop.signal.aborted) {
      const seconds = (systemClock.monotonicMs() - beganMs) / 1_000
      const due = Math.floor((seconds * eventsPerSecond) / eventsEachRefresh)
      const step = Array.from({ length: Math.min(due - sent, 200) }, refresh)
      sent += step.length
      await Promise.all(step)
      await systemClock.sleep(stepMs, stop.signal)
    }
  }
  const running = run()
  return {
    get done() {
      return done
    },
    close: async () => {
      stop.abort()
      await running
    },
  }
}
