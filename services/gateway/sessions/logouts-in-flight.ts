import type { SessionId } from '../../../shared/kernel/ids.ts'

/** One request that is about to end sessions. */
export type LogoutInFlight = Readonly<{
  /** Says whether the session was alive when it was looked at; the first word counts. */
  found(sid: SessionId, alive: boolean): void
  /**
   * Whether a request that came earlier, and was not answered yet when this one came, found the
   * session alive: nobody could know of its end then.
   */
  cameInTime(sid: SessionId): Promise<boolean>
  /**
   * To be awaited before somebody is told that a session ended: a few turns of the event loop, in
   * which requests that wait unread are known here too.
   */
  lastCall(): Promise<void>
  /** The answer has left. */
  answered(): void
}>

/** In one turn of the event loop one connection is accepted, and another one's request is read. */
const quietTurns = 16
const turnsMax = 256
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What one request found of one session. */
type Finding = {
  alive: boolean | null
  /** Whether an earlier one, not answered yet when this one came, found it alive. */
  inTime: boolean
  readonly said: Promise<void>
  readonly say: () => void
}

/** Those who are on the way out of one session, in their order. */
type Line = {
  readonly underway: Set<Finding>
  /** How many of them found it alive. */
  alive: number
  /** How many came while somebody was there. */
  came: number
  /** All that came so far have said what they found: one promise, however many they are. */
  said: Promise<void>
}

const newFinding = (inTime: boolean): Finding => {
  let say: () => void = () => {}
  const said = new Promise<void>((resolve) => {
    say = resolve
  })
  return { alive: null, inTime, said, say }
}

const newLine = (): Line => ({ underway: new Set(), alive: 0, came: 0, said: Promise.resolve() })

const tell = ({ underway }: Line, finding: Finding): void => {
  let isLater = false
  for (const one of underway) {
    if (isLater) one.inTime = true
    isLater ||= one === finding
  }
}

const settle = (line: Line, finding: Finding, alive: boolean): void => {
  if (finding.alive !== null) return
  finding.alive = alive
  if (alive) {
    line.alive += 1
    tell(line, finding)
  }
  finding.say()
}

type Own = Readonly<{ line: Line; finding: Finding; earlier: Promise<void> }>

const join = (line: Line): Own => {
  const finding = newFinding(line.alive > 0)
  const earlier = line.said
  line.underway.add(finding)
  line.came += 1
  line.said = earlier.then(() => finding.said)
  return { line, finding, earlier }
}

/**
 * Who is on the way out of this gateway. Of several logouts at once the first ends the session, and
 * the others came while it lived; between gateways the instants of the store tell that.
 */
export class LogoutsInFlight {
  readonly #lines = new Map<SessionId, Line>()

  /** To be called before anything is awaited, so that coming is one instant. */
  enter(sids: Iterable<SessionId>): LogoutInFlight {
    const own = new Map<SessionId, Own>()
    for (const sid of new Set(sids)) {
      const line = this.#lines.get(sid) ?? newLine()
      this.#lines.set(sid, line)
      own.set(sid, join(line))
    }
    return {
      found: (sid, alive) => {
        const of = own.get(sid)
        if (of) settle(of.line, of.finding, alive)
      },
      cameInTime: async (sid) => {
        const of = own.get(sid)
        // Only of earlier ones: no two wait for each other.
        if (of && !of.finding.inTime) await of.earlier
        return of?.finding.inTime ?? false
      },
      lastCall: () => this.#lastCall([...own.keys()]),
      answered: () => {
        for (const [sid, of] of own) this.#forget(sid, of)
      },
    }
  }

  /** Of how many sessions somebody is on the way out; 0 when nobody waits. */
  get size(): number {
    return this.#lines.size
  }

  async #lastCall(sids: readonly SessionId[]): Promise<void> {
    const count = (): number =>
      sids.reduce((sum, sid) => sum + (this.#lines.get(sid)?.came ?? 0), 0)
    let known = count()
    for (let quiet = 0, turns = 0; quiet < quietTurns && turns < turnsMax; turns += 1) {
      await turn()
      quiet = count() === known ? quiet + 1 : 0
      known = count()
    }
  }

  #forget(sid: SessionId, { line, finding }: Own): void {
    settle(line, finding, false)
    if (!line.underway.delete(finding)) return
    if (finding.alive) line.alive -= 1
    if (line.underway.size === 0) this.#lines.delete(sid)
  }
}
