import type { HousekeepingDeps } from '../../../services/gateway/lifecycle/housekeeping.ts'
import type { Publisher } from '../../../services/gateway/publication/publisher.ts'
import { type RelayDeps, relayStep } from '../../../services/gateway/publication/relay.ts'
import { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import type { SessionDeps } from '../../../services/gateway/sessions/open-sessions.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { openMemoryUserDirectory } from '../../../shared/adapters/memory/user-directory.ts'
import type { Claim, StreamId } from '../../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import { prunableLog } from '../../support/fakes/prunable-log.ts'
import { publisherOver } from '../../support/fakes/relay-over.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import type { Actor, Side, Touches } from './calls.ts'
import { gatedClock, gatedDirectory, gatedLog } from './gated-ports.ts'
import { designedScan, gatedStore, type ScanOrder } from './gated-store.ts'
import { accountsOn, contextOn, ended, premises, sharedRooms } from './premises.ts'
import { RecordedLog } from './recorded-log.ts'
import type { Scheduler } from './scheduler.ts'

/** One injected part of the real code, put in place of the real one. */
export type Broken = Readonly<{
  scan?: ScanOrder
  store?: (store: EventStore, at: Place) => EventStore
  /** Below the scheduler: the database itself. */
  database?: (store: EventStore, scheduler: Scheduler) => EventStore
  log?: (log: EventLog, at: Place) => EventLog
  directory?: (directory: UserDirectory) => UserDirectory
  /** As the relay gets it. */
  publisher?: (publisher: Publisher) => Publisher
  policy?: Partial<SessionPolicy>
}>

export type Part<Name extends keyof Broken> = NonNullable<Broken[Name]>

/** Where a part is put: whose it is, and what stands beside it. */
export type Place = Readonly<{
  actor: Actor
  scheduler: Scheduler
  /** The gateway's, as its commands have it. */
  publisher: () => Publisher
  /** The same actor's, gated, without what was put in its place. */
  ports: Readonly<{ store: EventStore; log: EventLog }>
  /** What all of them write to; not gated. */
  database: EventStore
}>

type Ports = Readonly<{ store: EventStore; log: EventLog; directory: UserDirectory }>

const shared: Touches = {
  reads: ['log'],
  writes: ['log', 'due', 'others', 'tick', 'marks of session', 'marks of subject', 'marks of own'],
}

/** What the gateway's commands use. */
export type DrivenRooms = SessionDeps & HousekeepingDeps

export type Gateway = Readonly<{
  side: Side
  /** One run of its relay. */
  relay: (actor: Actor) => Promise<void>
  /** The gateway's rooms, for one request. */
  rooms: (actor: Actor) => DrivenRooms
}>

const subject: StreamId = `u/${premises.user.sub}`

/** Which resource a stream is. */
export const resourceOf = (stream: StreamId): string => {
  if (stream === premises.first.id.s) return 'session'
  if (stream === subject) return 'subject'
  if (stream.startsWith('s/') || stream.startsWith('x/')) return 'own'
  return stream.startsWith('j/') ? 'tokens' : 'cutoffs of others'
}

/** Two gateways on one store, one directory and one log, all in memory. */
export class Fleet {
  readonly scheduler: Scheduler
  readonly records: RecordedLog
  /** Streams of sessions that a login opened. */
  readonly opened: StreamId[] = []
  /** Who made a commit, by its claim. */
  readonly makers = new Map<Claim, Actor>()
  readonly directory = openMemoryUserDirectory()
  readonly store: EventStore
  readonly log: EventLog
  readonly gateways: readonly [Gateway, Gateway]
  readonly #broken: Broken

  constructor(scheduler: Scheduler, broken: Broken) {
    this.scheduler = scheduler
    this.#broken = broken
    const clock = gatedClock({ scheduler })
    const store = openMemoryEventStore({ clock })
    this.store = broken.database?.(store, scheduler) ?? store
    this.records = new RecordedLog(prunableLog())
    this.log = this.records.log
    this.gateways = [this.#gateway(0), this.#gateway(1)]
  }

  /**
   * As it is some time after the first start: a session is open, the log's identity verified.
   * `isEnded`: the session is ended, by a gateway that crashed before it published that.
   */
  async begin(isEnded: boolean): Promise<void> {
    const { first, user } = premises
    await this.store.append(first)
    await this.directory.create(user)
    for (const { relay } of this.gateways) await relay(noActor)
    const { logId } = (await this.store.relayScan(1)).tick
    if (logId) await this.store.markPublished(logId, [{ id: first.id, offset: null }])
    if (isEnded) await this.store.append(ended)
    // Where the log begins is no beginning of everything.
    this.records.prune(this.records.end)
    this.scheduler.isOpen = false
    this.scheduler.nowMs += 10
  }

  #ports(actor: Actor, publisher: () => Publisher): Ports {
    const { scheduler } = this
    const { scan = designedScan, ...broken } = this.#broken
    const gating = { scheduler, actor, scan }
    const ports = {
      store: this.#noted(gatedStore(this.store, gating, resourceOf), actor),
      log: gatedLog(this.log, gating),
      directory: gatedDirectory(this.directory, gating),
    }
    const at: Place = { actor, scheduler, publisher, ports, database: this.store }
    return {
      store: broken.store?.(ports.store, at) ?? ports.store,
      log: broken.log?.(ports.log, at) ?? ports.log,
      directory: broken.directory?.(ports.directory) ?? ports.directory,
    }
  }

  #noted(store: EventStore, actor: Actor): EventStore {
    return {
      ...store,
      append: (commit) => {
        const { s } = commit.id
        this.makers.set(commit.claim, actor)
        const isNew = s.startsWith('s/') && s !== premises.first.id.s && !this.opened.includes(s)
        if (isNew) this.opened.push(s)
        return store.append(commit)
      },
    }
  }

  #gateway(side: Side): Gateway {
    const { scheduler } = this
    const entropy = seededEntropy(`gateway ${side}`)
    const own = scheduler.actor(`g${side} publisher`, side, 'publisher', shared)
    const { store, log } = this.#ports(own, () => publisher)
    const clock = gatedClock({ scheduler })
    const over = { store, log, clock, logger, entropy }
    const { publisher, identity, encoder } = publisherOver(over)
    const storeClock = new StoreClock(clock)
    const relay = async (actor: Actor): Promise<void> => {
      const ports = this.#ports(actor, () => publisher)
      const parts: RelayDeps = {
        store: ports.store,
        log: ports.log,
        publisher: this.#broken.publisher?.(publisher) ?? publisher,
        identity,
        encoder,
        storeClock,
        clock: gatedClock({ scheduler }),
        logger,
        // Of several that begin, one closes time; afterwards each run does.
        tickMs: scheduler.isOpen ? 250 : 0,
      }
      await relayStep(parts)
    }
    const rooms = (actor: Actor): DrivenRooms => {
      const ports = this.#ports(actor, () => publisher)
      const moving = { clock: gatedClock({ scheduler }), entropy: seededEntropy(actor.name) }
      return {
        ...sharedRooms,
        policy: { ...sharedRooms.policy, ...this.#broken.policy },
        publisher,
        context: contextOn({ store: ports.store, storeClock, ...moving }),
        accounts: accountsOn(ports.directory),
      }
    }
    return { side, relay, rooms }
  }
}

const noActor: Actor = {
  name: 'nobody',
  gateway: 0,
  kind: 'relay',
  may: { reads: [], writes: [] },
  trail: '',
  isDone: true,
}
