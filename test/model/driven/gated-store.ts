import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { StreamId } from '../../../shared/kernel/ids.ts'
import type {
  Appended,
  Conflict,
  EventStore,
  RelayScan,
} from '../../../shared/ports/event-store.ts'
import type { Actor, Resource, Way } from './calls.ts'
import { readDigest } from './digest.ts'
import type { Scheduler } from './scheduler.ts'

/** In which order a scan writes the instant, reads what is due, and reads how low the rest lies. */
export type ScanOrder = readonly ('tick' | 'due' | 'low')[]
export const designedScan: ScanOrder = ['tick', 'due', 'low']

export type Gating = Readonly<{ scheduler: Scheduler; actor: Actor; scan?: ScanOrder }>

/** Streams that only one writer knows of are a resource of their own. */
export type NameOf = (stream: StreamId) => Resource

const unavailable = (): AuthError => new AuthError('STORE_UNAVAILABLE', 'the answer was lost')
const lost = 'lost'

type Outcome = Appended | Conflict
const outcomeText = (answer: Outcome | typeof lost): string => {
  if (answer === lost) return lost
  return answer.outcome === 'conflict' ? `conflict ${readDigest(answer.newest)}` : 'appended'
}

const appending = (
  real: EventStore,
  { scheduler, actor }: Gating,
  nameOf: NameOf,
  commit: NewCommit,
): Promise<Outcome> => {
  const { s, v } = commit.id
  const resource = nameOf(s)
  const pending = commit.kind === 'r' ? 'due' : 'others'
  const label = `insert ${resource}:${v}`
  const run = (): Promise<Outcome> => real.append(commit)
  const losable = resource === 'session' || resource === 'subject'
  const faults: Way<Outcome | typeof lost>[] = [
    {
      name: 'answer lost, tried again',
      spends: 'lose',
      run: async (): Promise<typeof lost> => {
        await run()
        return lost
      },
    },
    {
      name: 'answer lost',
      spends: 'lose',
      run: async () => {
        await run()
        throw unavailable()
      },
    },
  ]
  const touches = { writes: [resource, pending] }
  return scheduler
    .call<Outcome | typeof lost>(actor, {
      label,
      ...touches,
      ways: [{ name: '', run }, ...(losable ? faults : [])],
      shown: outcomeText,
    })
    .then((answer) =>
      answer === lost
        ? // What a driver does whose answer did not come.
          scheduler.call<Outcome>(actor, {
            label: `${label} again`,
            ...touches,
            ways: [{ name: '', run }],
            shown: outcomeText,
          })
        : answer,
    )
}

/** No snapshot: the tick, what is due, and how low the rest lies come one after another. */
const scanning = async (
  real: EventStore,
  { scheduler, actor, scan = designedScan }: Gating,
  limit: number,
  logStart: number,
): Promise<RelayScan> => {
  const look = (): Promise<RelayScan> => real.relayScan(limit, logStart)
  let found: RelayScan = await tickOf(scheduler, actor, look)
  if (actor.kind !== 'relay') return found
  const whole = found
  for (const part of scan) {
    if (part === 'tick' && scan[0] !== 'tick') {
      found = { ...found, tick: (await tickOf(scheduler, actor, look)).tick }
    }
    if (part === 'due') {
      const { revocations, more } = await dueOf(scheduler, actor, look)
      found = { ...found, revocations, more }
    }
    if (part === 'low') {
      const low = await scheduler.call<number | null>(actor, {
        label: 'read how low the rest lies',
        reads: ['due'],
        ways: [{ name: '', run: async () => (await look()).low }],
      })
      found = { ...found, low }
    }
  }
  return scan[0] === 'tick' ? { ...found, tick: whole.tick } : found
}

const tickOf = (
  scheduler: Scheduler,
  actor: Actor,
  look: () => Promise<RelayScan>,
): Promise<RelayScan> =>
  scheduler.call<RelayScan>(actor, {
    label: 'write the tick',
    reads: ['time', 'tick'],
    writes: actor.kind === 'relay' ? ['tick', 'time'] : ['tick'],
    ways: [
      {
        name: '',
        run: () => {
          // What was answered before a tick was answered before its instant, or in it.
          if (actor.kind === 'relay') scheduler.passes(1)
          return look()
        },
      },
    ],
    shown: ({ tick }) => JSON.stringify(tick),
  })

const dueOf = (
  scheduler: Scheduler,
  actor: Actor,
  look: () => Promise<RelayScan>,
): Promise<Pick<RelayScan, 'revocations' | 'more'>> =>
  scheduler.call<Pick<RelayScan, 'revocations' | 'more'>>(actor, {
    label: 'read what is due',
    reads: ['due'],
    ways: [
      { name: '', run: look },
      {
        name: 'at a deposed primary',
        spends: 'stale',
        run: () => ({ revocations: [], more: false }),
      },
    ],
    shown: ({ revocations }) => revocations.map(readDigest).join(),
  })

const marking = (
  real: EventStore,
  { scheduler, actor }: Gating,
  nameOf: NameOf,
): Pick<EventStore, 'markPublished' | 'noteAcknowledged' | 'noteClosed' | 'renewLogId'> => {
  const note = <T>(label: string, run: () => Promise<T>, reads: string[] = []): Promise<T> =>
    scheduler.call<T>(actor, { label, reads, writes: ['tick'], ways: [{ name: '', run }] })
  return {
    markPublished: (logId, marks) => {
      const told = marks.filter(({ offset }) => offset !== null)
      const names = told.map(({ id }) => `marks of ${nameOf(id.s)}`)
      return scheduler.call<void>(actor, {
        label: told.length > 0 ? `mark ${told.map(({ id }) => `${nameOf(id.s)}:${id.v}`)}` : 'mark',
        writes: [...(told.length > 0 ? ['due'] : []), ...names, 'others'],
        ways: [{ name: '', run: () => real.markPublished(logId, marks) }],
      })
    },
    noteAcknowledged: (logId, at) =>
      note('note what the log acknowledged', () => real.noteAcknowledged(logId, at)),
    noteClosed: (logId, t) => note('note the closed time', () => real.noteClosed(logId, t)),
    renewLogId: (...given) => note('renew the identity', () => real.renewLogId(...given), ['tick']),
  }
}

/**
 * The store as loosely as its port promises it: every stream is read at a moment of its own, and a
 * scan is three steps. Each waits for the scheduler.
 */
export const gatedStore = (real: EventStore, gating: Gating, nameOf: NameOf): EventStore => {
  const { scheduler, actor } = gating
  const readOf = (stream: StreamId) => ({
    reads: [
      nameOf(stream),
      `marks of ${nameOf(stream)}`,
      // A decision is made of the session's commit, at the instant of its read.
      ...(nameOf(stream) === 'session' ? ['grace'] : []),
    ],
  })
  return {
    ...real,
    ...marking(real, gating, nameOf),
    heads: (streams) =>
      Promise.all(
        streams.map((stream) =>
          scheduler.call<Commit | null>(actor, {
            label: `read ${nameOf(stream)}`,
            ...readOf(stream),
            ways: [{ name: '', run: async () => (await real.heads([stream]))[0] ?? null }],
            shown: readDigest,
          }),
        ),
      ),
    read: (stream, from, limit) =>
      scheduler.call<readonly Commit[]>(actor, {
        label: `read ${nameOf(stream)} from ${from}`,
        ...readOf(stream),
        ways: [{ name: '', run: () => real.read(stream, from, limit) }],
        shown: (commits) => commits.map(readDigest).join(),
      }),
    append: (commit) => appending(real, gating, nameOf, commit),
    relayScan: (limit, logStart = 0) => scanning(real, gating, limit, logStart),
    unpublishedOthers: (before, limit) =>
      scheduler.call<readonly Commit[]>(actor, {
        label: 'read other commits',
        reads: ['others'],
        ways: [{ name: '', run: () => real.unpublishedOthers(before, limit) }],
        shown: (commits) => commits.map(readDigest).join(),
      }),
  }
}
