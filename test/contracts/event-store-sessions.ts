import type { PairSession } from '../../shared/events/commit.ts'
import type { SessionScope } from '../../shared/events/live-session.ts'
import { clientId, type EpochMs, type EpochSeconds } from '../../shared/kernel/ids.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { contract } from '../support/contract.ts'
import {
  aCommit,
  aCutoffCommit,
  aSessionState,
  aSub,
  later,
  noon,
  noonSeconds,
} from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'

const walk = async (
  store: EventStore,
  whose: SessionScope,
  at: EpochMs = noon,
): Promise<string[]> => {
  const seen: string[] = []
  for await (const page of store.liveSessions(whose, at)) seen.push(...page.map(({ sid }) => sid))
  return seen.sort()
}

const sidsOf = (sessions: readonly PairSession[]): string[] => sessions.map(({ sid }) => sid).sort()

const begin = async (
  store: EventStore,
  count: number,
  over: Partial<PairSession>,
): Promise<readonly PairSession[]> => {
  const made = Array.from({ length: count }, () => aSessionState(over))
  for (let at = 0; at < count; at += 50) {
    const some = made.slice(at, at + 50)
    await Promise.all(some.map((session) => store.append(aCommit({ session }))))
  }
  return made
}

const all = { scope: 'all' } as const

export const eventStoreSessionsContract = contract<EventStore>('event store, living sessions', {
  'those of one subject, of one client, and of everyone, once each however often renewed': async (
    store,
  ) => {
    const [alice, bob] = [aSub(), aSub()]
    const [web, app] = [clientId('web'), clientId('app')]
    const [a, b, c] = [
      await begin(store, 2, { sub: alice, client: web }),
      await begin(store, 1, { sub: alice, client: app }),
      await begin(store, 3, { sub: bob, client: app }),
    ]
    for (const session of [...a, ...c]) {
      for (const v of [1, 2]) await store.append(aCommit({ s: `s/${session.sid}`, v, session }))
    }
    await store.append(aCutoffCommit({ s: `u/${bob}` }))
    assert.equal(await walk(store, { scope: 'subject', sub: alice }), sidsOf([...a, ...b]))
    assert.equal(await walk(store, { scope: 'subject', sub: bob }), sidsOf(c))
    assert.equal(await walk(store, { scope: 'client', client: app }), sidsOf([...b, ...c]))
    assert.equal(await walk(store, all), sidsOf([...a, ...b, ...c]))
    assert.equal(await walk(store, { scope: 'subject', sub: aSub() }), [])
    assert.equal(await walk(store, { scope: 'client', client: clientId('nobody') }), [])
  },

  'one that ended, or whose last token is over, is not told': async (store) => {
    const [lives, ended] = await begin(store, 2, {})
    assert.ok(lives && ended)
    await begin(store, 1, { expMax: noonSeconds })
    const dead = { ...ended, status: 'dead' } as const
    await store.append(aCommit({ s: `s/${ended.sid}`, v: 1, session: dead }))
    const short = (noonSeconds + 60) as EpochSeconds
    const [renewed] = await begin(store, 1, { expMax: short })
    assert.ok(renewed)
    assert.equal(await walk(store, all, later(60_000)), [lives.sid])
    const session = { ...renewed, expMax: (noonSeconds + 120) as EpochSeconds }
    await store.append(aCommit({ s: `s/${renewed.sid}`, v: 1, session }))
    assert.equal(await walk(store, all, later(60_000)), sidsOf([lives, renewed]))
  },

  'it says whose it is, under which cutoffs it began, and until when it lasts': async (store) => {
    const epoch = { sub: 3, client: -1, all: 7 }
    const [session] = await begin(store, 1, { epoch })
    assert.ok(session)
    const { sid, sub, client, startedAt, expMax } = session
    const pages = []
    for await (const page of store.liveSessions(all, noon)) pages.push(...page)
    const expiresAt = expMax * 1_000
    assert.equal(pages, [{ sid, sub, client, epoch, kind: 'pair', startedAt, expiresAt }])
  },

  'however many there are, each is told': async (store) => {
    const sub = aSub()
    const many = await begin(store, 1_030, {})
    const few = await begin(store, 3, { sub })
    assert.equal(await walk(store, all), sidsOf([...many, ...few]))
    assert.equal(await walk(store, { scope: 'subject', sub }), sidsOf(few))
  },
})
