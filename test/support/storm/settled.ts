import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Dice } from '../fakes/dice.ts'
import { until } from '../until.ts'
import { BlacklistReader } from './blacklist-reader.ts'
import type { Chronicle } from './chronicle.ts'
import type { Doors } from './doors.ts'
import type { Seat } from './seat.ts'
import type { Site } from './site.ts'
import type { Watcher } from './watcher.ts'

/** No fault takes a fleet longer to get over. */
export const recoveryMsMax = 120_000
const olderLookedAt = 15
const lookedAtByGateways = 6

export type Settling = Readonly<{
  site: Site
  chronicle: Chronicle
  doors: Doors
  dice: Dice
  seats: readonly Seat[]
}>

/** What must be so once every fault is over. */
export class Settled {
  readonly #site: Site
  readonly #chronicle: Chronicle
  readonly #doors: Doors
  readonly #dice: Dice
  readonly #seats: readonly Seat[]
  readonly #view: BlacklistReader
  /** Ended, and denied everywhere once. */
  readonly #known = new Set<Seat>()

  constructor({ site, chronicle, doors, dice, seats }: Settling) {
    this.#site = site
    this.#chronicle = chronicle
    this.#doors = doors
    this.#dice = dice
    this.#seats = seats
    this.#view = new BlacklistReader(site)
  }

  /** Debts are paid, every end is known everywhere, and what is live is accepted. */
  async verify(): Promise<void> {
    const isFailed = (): boolean => this.#chronicle.violation !== null
    const known = [...this.#known]
    const older = Array.from({ length: Math.min(olderLookedAt, known.length) }, () =>
      this.#dice.pick(known),
    )
    const looked = [...this.#seats.filter((seat) => !this.#known.has(seat)), ...older]
    const { guards, gateways } = this.#doors
    const agrees = (watcher: Watcher, seat: Seat): Promise<void> =>
      until(
        `${watcher.door.service.name} agrees on ${seat.name}`,
        // A session that is about to end is asked about once it has ended.
        async () => isFailed() || (await watcher.look(seat)),
        recoveryMsMax,
      )
    const eachBy = async (watcher: Watcher, seats: readonly Seat[]): Promise<void> => {
      for (const seat of seats) await agrees(watcher, seat)
    }
    // Gateways answer from the store, guards from what they read: of those all is asked.
    const few = looked.slice(-lookedAtByGateways)
    await Promise.all([
      ...guards.map((watcher) => eachBy(watcher, looked)),
      ...gateways.map((watcher) => eachBy(watcher, few)),
    ])
    const ended = looked.filter(({ ending }) => ending !== null)
    const inView = async (seat: Seat): Promise<boolean> =>
      isFailed() || this.#view.ends(seat.visitor.access)
    await Promise.all(
      ended.map((seat) =>
        until(`the view holds the end of ${seat.name}`, () => inView(seat), recoveryMsMax),
      ),
    )
    for (const seat of looked) if (seat.ending) this.#known.add(seat)
  }

  /** A guard that begins now denies all that was ever ended, and accepts what is live. */
  async verifyWithNewGuard(): Promise<void> {
    const { url, close } = await this.#site.newGuard()
    const { onViolation } = this.#chronicle
    try {
      for (const seat of this.#seats) {
        const asked = { atMs: systemClock.monotonicMs(), isLive: seat.isLive, end: seat.ending }
        const { status } = await seat.visitor.copy().get(`${url}/orders`)
        if (asked.end && status === 200) {
          onViolation(`a new guard accepted ${seat.name}, ended by ${asked.end.by}`)
        }
        if (asked.isLive && status === 401 && seat.wasLiveAt(asked.atMs)) {
          onViolation(`a new guard refused ${seat.name}, which is live`)
        }
      }
    } finally {
      await close()
    }
  }

  close(): Promise<void> {
    return this.#view.close()
  }
}
