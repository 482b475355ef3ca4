import type { SessionId } from '../../shared/kernel/ids.ts'

/** One request that is about to end sessions. */
export type Departing = Readonly<{
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

type Finding = Readonly<{ alive: Promise<boolean>; settle: (alive: boolean) => void }>

const newFinding = (): Finding => {
  let settle: (alive: boolean) => void = () => {}
  const alive = new Promise<boolean>((resolve) => {
    settle = resolve
  })
  return { alive, settle }
}

/**
 * Who is on the way out of this gateway. Of several logouts at once the first ends the session, and
 * the others came while it lived; between gateways the instants of the store tell that.
 */
export class Departures {
  readonly #underway = new Map<SessionId, Set<Finding>>()
  /** How many came while somebody was there. */
  readonly #came = new Map<SessionId, number>()

  /** To be called before anything is awaited, so that coming is one instant. */
  enter(sids: Iterable<SessionId>): Departing {
    const earlier = new Map<SessionId, readonly Finding[]>()
    const own = new Map<SessionId, Finding>()
    for (const sid of new Set(sids)) {
      const others = this.#underway.get(sid) ?? new Set<Finding>()
      earlier.set(sid, [...others])
      const finding = newFinding()
      own.set(sid, finding)
      this.#underway.set(sid, others.add(finding))
      this.#came.set(sid, (this.#came.get(sid) ?? 0) + 1)
    }
    return {
      found: (sid, alive) => own.get(sid)?.settle(alive),
      cameInTime: async (sid) => {
        // Only of earlier ones: no two wait for each other.
        const found = await Promise.all((earlier.get(sid) ?? []).map(({ alive }) => alive))
        return found.includes(true)
      },
      lastCall: () => this.#lastCall([...own.keys()]),
      answered: () => {
        for (const [sid, finding] of own) this.#forget(sid, finding)
      },
    }
  }

  /** How many requests are known; 0 when nobody waits. */
  get size(): number {
    return this.#underway.size
  }

  async #lastCall(sids: readonly SessionId[]): Promise<void> {
    const count = (): number => sids.reduce((sum, sid) => sum + (this.#came.get(sid) ?? 0), 0)
    let known = count()
    for (let quiet = 0, turns = 0; quiet < quietTurns && turns < turnsMax; turns += 1) {
      await turn()
      quiet = count() === known ? quiet + 1 : 0
      known = count()
    }
  }

  #forget(sid: SessionId, finding: Finding): void {
    finding.settle(false)
    const others = this.#underway.get(sid)
    others?.delete(finding)
    if (others?.size !== 0) return
    this.#underway.delete(sid)
    this.#came.delete(sid)
  }
}
