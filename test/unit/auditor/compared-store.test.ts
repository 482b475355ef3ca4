import fc from 'fast-check'
import {
  compareWithStore,
  type TrailStreams,
} from '../../../services/auditor/verification/index.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import type { StreamId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import {
  aCommit,
  aCutoffCommit,
  aLogId,
  aRevocationCommit,
  aSessionState,
  aSid,
  aSub,
  hourMs,
  later,
  noon,
} from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

type Kind = 'live' | 'ended' | 'cutoff'
type Made = Readonly<{ stream: StreamId; versions: number }>

const logId = aLogId()

/** A stream with so many versions; of those, `published` are. */
const make = async (
  store: EventStore,
  { kind, versions, published = versions }: { kind: Kind; versions: number; published?: number },
): Promise<Made> => {
  const [sid, sub] = [aSid(), aSub()]
  const stream: StreamId = kind === 'cutoff' ? `u/${sub}` : `s/${sid}`
  for (let v = 0; v < versions; v += 1) {
    const isLast = v === versions - 1
    const base = { s: stream, v, at: later(v, noon) }
    const session = aSessionState({
      sid,
      sub,
      status: kind === 'ended' && isLast ? 'dead' : 'live',
    })
    const commit =
      kind === 'cutoff'
        ? aCutoffCommit({ ...base, expiresAt: null })
        : kind === 'ended' && isLast
          ? aRevocationCommit({ ...base, session, expiresAt: later(hourMs, noon) })
          : aCommit({ ...base, session })
    assert.is((await store.append(commit)).outcome, 'appended')
    const offset = commit.kind === 'r' ? v : null
    if (v < published) await store.markPublished(logId, [{ id: commit.id, offset }])
  }
  return { stream, versions }
}

const before = later(60_000, noon)
const compare = (store: EventStore, newest: TrailStreams['newest'], completeFromMs = 0) =>
  compareWithStore({ store, streams: { newest, completeFromMs }, before })
const newestOf = (made: readonly Made[]) =>
  new Map(
    made.map(({ stream, versions }) => [stream as string, { version: versions - 1, at: noon }]),
  )

const drawnStreams = fc.array(
  fc.record({
    kind: fc.constantFrom<Kind>('live', 'ended', 'cutoff'),
    versions: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 1, maxLength: 8 },
)

claims('a trail that is compared with the event store', {
  'where both have the same, nothing is found': () =>
    fc.assert(
      fc.asyncProperty(drawnStreams, async (drawn) => {
        const store = openMemoryEventStore({ clock })
        const made: Made[] = []
        for (const one of drawn) made.push(await make(store, one))
        const { findings, isOlder, waiting } = await compare(store, newestOf(made))
        assert.equal([findings, isOlder, waiting], [[], false, 0])
      }),
      { numRuns: 40 },
    ),

  'each version that the trail lacks is found by its name, whole streams too': () =>
    fc.assert(
      fc.asyncProperty(drawnStreams, fc.nat(), fc.nat(), async (drawn, which, lost) => {
        const store = openMemoryEventStore({ clock })
        const made: Made[] = []
        for (const one of drawn) made.push(await make(store, one))
        const victim = made[which % made.length]
        assert.ok(victim)
        const kept = lost % victim.versions
        const newest = newestOf(made)
        if (kept === 0) newest.delete(victim.stream)
        else newest.set(victim.stream, { version: kept - 1, at: noon })
        const { findings, isOlder } = await compare(store, newest)
        assert.is(isOlder, false)
        const last = `${victim.stream}: version ${victim.versions - 1} of the store`
        assert.ok(findings.includes(`${last} is not in the trail`), findings.join('\n'))
        // Of a whole stream that ended, the store still knows the revocation.
        if (kept > 0) assert.is(findings.length, victim.versions - kept)
        // What happened before the trail began, or was let go of, it need not have.
        const begun = await compare(store, newest, later(10, noon))
        assert.equal(begun.findings, [])
        const early = await compareWithStore({
          ...{ store, streams: { newest, completeFromMs: 0 }, before: noon },
        })
        assert.equal(early.findings, [])
      }),
      { numRuns: 60 },
    ),

  'versions that the store lacks say that it is older, but for sessions that it forgot': () =>
    fc.assert(
      fc.asyncProperty(drawnStreams, fc.nat(), async (drawn, which) => {
        const store = openMemoryEventStore({ clock })
        const made: Made[] = []
        for (const one of drawn) made.push(await make(store, one))
        const newest = newestOf(made)
        newest.set(`s/${aSid()}`, { version: 4, at: later(-24 * hourMs) })
        assert.is((await compare(store, newest)).isOlder, false)
        const victim = made[which % made.length]
        assert.ok(victim)
        const stream = which % 2 === 0 ? victim.stream : `u/${aSub()}`
        newest.set(stream, { version: victim.versions, at: noon })
        const { findings, isOlder, count } = await compare(store, newest)
        assert.equal([isOlder, count], [true, 1])
        assert.ok(findings[0]?.startsWith(`${stream}: the trail has version ${victim.versions}`))
      }),
      { numRuns: 40 },
    ),

  'a session of the last 23 hours that the store does not know says that it is older': () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 100 }), fc.nat(5), async (hours, version) => {
        const newest = new Map([[`s/${aSid()}`, { version, at: noon - hours * hourMs }]])
        const { isOlder, count } = await compare(openMemoryEventStore({ clock }), newest)
        assert.equal([isOlder, count], hours < 23 ? [true, 1] : [false, 0])
      }),
      { numRuns: 60 },
    ),

  'what is not published yet is counted, and no finding': async () => {
    const store = openMemoryEventStore({ clock })
    const made = await make(store, { kind: 'cutoff', versions: 3, published: 1 })
    const newest = new Map([[made.stream as string, { version: 0, at: noon }]])
    const { findings, waiting } = await compare(store, newest)
    assert.equal([findings, waiting], [[], 2])
  },
})
