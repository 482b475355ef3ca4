import type { SessionId } from '../../../shared/kernel/ids.ts'

/** One request that is about to end sessions. */
export type LogoutInFlight = Readonly<{
  /** Reports whether this request found the session alive. Only the first report counts. */
  reportAlive(sid: SessionId, alive: boolean): void
  /**
   * Waits for the reports of the requests that came earlier and were not answered yet when this one
   * came. True if one of them found the session alive: when this request came, nobody had been told
   * that the session ended.
   */
  cameWhileAlive(sid: SessionId): Promise<boolean>
  /**
   * To be awaited before the answer says that a session ended. Waits a few turns of the event loop,
   * so that requests which have arrived and are not read yet are in the queue as well.
   */
  untilQuiet(): Promise<void>
  /** The answer is sent, or the connection is gone. */
  answered(): void
}>

/** One turn of the event loop accepts one connection and reads the request of another one. */
const quietTurns = 16
const turnsMax = 256

/** What one request found of one session. */
type Report = {
  alive: boolean | null
  /** Whether an earlier request that was not answered yet found the session alive. */
  cameWhileAlive: boolean
  readonly reported: Promise<void>
  readonly resolve: () => void
}

/** The unanswered logouts of one session, in the order in which they came. */
type SessionQueue = {
  readonly waiting: Set<Report>
  /** How many of them found the session alive. */
  foundAlive: number
  /** How many have come since the queue was last empty. */
  arrived: number
  /** Resolves once all that came so far have reported: one promise, however many there are. */
  allReported: Promise<void>
}

const newReport = (cameWhileAlive: boolean): Report => {
  let resolve: () => void = () => {}
  const reported = new Promise<void>((resolver) => {
    resolve = resolver
  })
  return { alive: null, cameWhileAlive, reported, resolve }
}

const newQueue = (): SessionQueue => ({
  waiting: new Set(),
  foundAlive: 0,
  arrived: 0,
  allReported: Promise.resolve(),
})

const markLaterOnes = ({ waiting }: SessionQueue, own: Report): void => {
  let isLater = false
  for (const other of waiting) {
    if (isLater) other.cameWhileAlive = true
    isLater ||= other === own
  }
}

const report = (queue: SessionQueue, own: Report, alive: boolean): void => {
  if (own.alive !== null) return
  own.alive = alive
  if (alive) {
    queue.foundAlive += 1
    markLaterOnes(queue, own)
  }
  own.resolve()
}

type QueueEntry = Readonly<{ queue: SessionQueue; own: Report; earlier: Promise<void> }>

const join = (queue: SessionQueue): QueueEntry => {
  const own = newReport(queue.foundAlive > 0)
  const earlier = queue.allReported
  queue.waiting.add(own)
  queue.arrived += 1
  queue.allReported = earlier.then(() => own.reported)
  return { queue, own, earlier }
}

/**
 * The logouts that this gateway has not answered yet, by session. Of several at once, the first
 * ends the session; the others came while it lived and are answered alike. Between gateways, the
 * instants of the store tell who came in time.
 */
export class LogoutsInFlight {
  readonly #queues = new Map<SessionId, SessionQueue>()
  #turn: Promise<void> | null = null

  /** To be called before the request awaits anything, so that the order is that of arrival. */
  enter(sids: Iterable<SessionId>): LogoutInFlight {
    const entries = new Map<SessionId, QueueEntry>()
    for (const sid of new Set(sids)) {
      const queue = this.#queues.get(sid) ?? newQueue()
      this.#queues.set(sid, queue)
      entries.set(sid, join(queue))
    }
    return {
      reportAlive: (sid, alive) => {
        const entry = entries.get(sid)
        if (entry) report(entry.queue, entry.own, alive)
      },
      cameWhileAlive: async (sid) => {
        const entry = entries.get(sid)
        // It waits for earlier requests only, so no two wait for each other.
        if (entry && !entry.own.cameWhileAlive) await entry.earlier
        return entry?.own.cameWhileAlive ?? false
      },
      untilQuiet: () => this.#untilQuiet([...entries.keys()]),
      answered: () => {
        for (const [sid, entry] of entries) this.#leave(sid, entry)
      },
    }
  }

  /** The number of sessions that have an unanswered logout. */
  get size(): number {
    return this.#queues.size
  }

  async #untilQuiet(sids: readonly SessionId[]): Promise<void> {
    const count = (): number =>
      sids.reduce((sum, sid) => sum + (this.#queues.get(sid)?.arrived ?? 0), 0)
    let known = count()
    for (let quiet = 0, turns = 0; quiet < quietTurns && turns < turnsMax; turns += 1) {
      await this.#nextTurn()
      quiet = count() === known ? quiet + 1 : 0
      known = count()
    }
  }

  /** One for all that wait: each turn of each of them would be a timer and a promise. */
  #nextTurn(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = null
        resolve()
      })
    })
    return this.#turn
  }

  #leave(sid: SessionId, { queue, own }: QueueEntry): void {
    report(queue, own, false)
    if (!queue.waiting.delete(own)) return
    if (own.alive) queue.foundAlive -= 1
    if (queue.waiting.size === 0) this.#queues.delete(sid)
  }
}
