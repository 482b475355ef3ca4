import { indexedRecords, readRecords } from '../../services/auditor/indexing/index.ts'
import { type Asking, readEvents } from '../../services/gateway/audit/index.ts'
import { type AuditFilter, auditTerms, noFilter } from '../../shared/events/audit-terms.ts'
import { type AuthEvent, event } from '../../shared/events/event.ts'
import { actorOf } from '../../shared/events/event-actor.ts'
import { encodeEvent, signed } from '../../shared/events/event-codec.ts'
import { eventExamples } from '../../shared/events/examples.ts'
import type { LogRecord, RawRecord } from '../../shared/events/log-record.ts'
import { upcast } from '../../shared/events/upcast.ts'
import type { Claim, EpochMs, EventId, StreamId } from '../../shared/kernel/ids.ts'
import type { AuditIndex, AuditPlace, AuditQuery } from '../../shared/ports/audit-index.ts'
import { completeCommit } from '../../shared/session/complete-commit.ts'
import { contract } from '../support/contract.ts'
import { anEventCheck, source } from '../support/fakes/builders.ts'
import { Dice } from '../support/fakes/dice.ts'
import { DrawnHistory } from '../support/fakes/drawn-history.ts'
import { memoryPrivacy } from '../support/fakes/memory-privacy.ts'
import { assert } from '../support/suite.ts'
import type { Told } from '../support/views/asked-index.ts'

type World = AuditIndex & Readonly<{ keep: (record: LogRecord) => Promise<RawRecord> }>

/** An event of the history, and each place where the index has it. */
type Placed = Told & Readonly<{ place: AuditPlace }>

type Asked = Asking & Readonly<{ privacy: ReturnType<typeof memoryPrivacy> }>

const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1']

/** Sessions, and beside them something of every type, of the same people. */
const drawnHistory = (dice: Dice): readonly Told[] => {
  const history = new DrawnHistory(dice)
  const others: Told[] = []
  for (let turn = 0; turn < 90; turn += 1) {
    history.step()
    const { data, type } = upcast(dice.pick(eventExamples).stored)
    const members: Record<string, unknown> = { ...data }
    if ('sub' in members) members['sub'] = dice.pick(history.users)
    if ('client' in members) members['client'] = dice.pick(history.clients)
    if (dice.chance(80) && 'address' in members) members['address'] = dice.pick(addresses)
    if ('actor' in members) members['actor'] = { by: 'administrator', id: dice.pick(['a1', 'a2']) }
    // Some at the very instant of another.
    const at = dice.chance(40) ? (history.told.at(-1)?.at ?? 0) : history.now - dice.below(3_000)
    others.push({ id: `x/${turn}:0:0`, at, event: event(type, members as never) as AuthEvent })
  }
  return [...history.told, ...others]
}

const versionOf = (id: string): readonly [stream: StreamId, version: number] => {
  const [, stream = '', version = ''] = /^(.*):(\d+):\d+$/.exec(id) ?? []
  return [stream as StreamId, Number(version)]
}

/** As gateways write them; what says something of persons is sealed, in most of them. */
const recordsOf = async ({ privacy, events }: Asked, told: readonly Told[], dice: Dice) => {
  const commits = new Map<string, Told[]>()
  for (const one of told) {
    const name = one.id.replace(/:\d+$/, '')
    commits.set(name, [...(commits.get(name) ?? []), one])
  }
  const made: { told: Told; record: LogRecord }[] = []
  for (const commit of commits.values()) {
    const [s, v] = versionOf(commit[0]?.id ?? '')
    const at = (commit[0]?.at ?? 0) as EpochMs
    const clear = completeCommit({
      ...{ id: { s, v }, at, claim: 'c' as Claim },
      events: commit.map((one) => one.event),
    })
    const { events: said, personal } = dice.chance(70) ? await privacy.sealer.seal(clear) : clear
    for (const [index, one] of commit.entries()) {
      const sealed = { id: one.id as EventId, at, event: said[index] as AuthEvent }
      const record = encodeEvent(source, { ...sealed, ...(personal !== undefined && { personal }) })
      made.push({ told: one, record: signed(events.ring, record) })
    }
  }
  return made
}

/**
 * Fills the index as its follower does: in batches of any size that may overlap, of a log in which
 * some lie twice and some come late; and a second time from the start, as after other terms.
 */
const filled = async (world: World, asked: Asked, dice: Dice): Promise<readonly Placed[]> => {
  const made = await recordsOf(asked, drawnHistory(dice), dice)
  const order = made.map((one, at) => ({ one, rank: at + (dice.chance(10) ? dice.below(90) : 0) }))
  order.sort((a, b) => a.rank - b.rank)
  const written = order.flatMap(({ one }) => (dice.chance(8) ? [one, one] : [one]))
  const kept: { told: Told; record: RawRecord }[] = []
  for (const { told, record } of written) kept.push({ told, record: await world.keep(record) })
  const placed: Placed[] = []
  const parts = [kept.slice(0, Math.floor(kept.length / 3)), kept]
  for (const [nth, part] of parts.entries()) {
    const { lane } = await world.openLane(0, auditTerms - 1 + nth)
    for (let from = 0; from < part.length; ) {
      const some = part.slice(Math.max(0, from - dice.below(3)), from + 1 + dice.below(60))
      const records = some.map(({ record }) => record)
      const last = records.at(-1)
      const next = (last?.offset ?? 0) + 1
      const lastId = last?.headers['ce_id'] ?? null
      const events = indexedRecords(readRecords(asked.events, records))
      assert.is(events.length, records.length)
      await world.add({ lane, events, next, lastId })
      from = part.findIndex(({ record }) => record.offset >= next)
      if (from === -1) break
    }
    for (const { told, record } of part) {
      placed.push({ ...told, place: { at: told.at as EpochMs, lane, offset: record.offset } })
    }
  }
  return placed
}

const members = ({ data }: AuthEvent) =>
  data as Readonly<Partial<Record<string, unknown>>> & {
    readonly refresh?: Readonly<{ jti: string }> | null
  }

const has = {
  user: (of, user) => members(of)['sub'] === user || members(of)['key'] === `sub:${user}`,
  session: (of, sid) => members(of)['sid'] === sid || members(of)['key'] === `sid:${sid}`,
  token: (of, jti) => {
    const { refresh, ...rest } = members(of)
    return [rest['jti'], rest['replaces'], refresh?.jti, rest['key']].some((one) => {
      return one === jti || one === `jti:${jti}`
    })
  },
  client: (of, id) => members(of)['client'] === id || members(of)['key'] === `client:${id}`,
  actor: (of, id) => {
    const actor = actorOf(of)
    return actor?.id === id && (actor.by !== 'user' || members(of)['sub'] !== id)
  },
  kind: (of, kind) => of.type === kind,
  address: (of, address) => members(of)['address'] === address,
} as const satisfies Partial<Record<keyof AuditFilter, (of: AuthEvent, value: string) => boolean>>

type Field = keyof typeof has
const fields = Object.keys(has) as Field[]

/** What an event may be asked for by each field. */
const valueIn = (of: AuthEvent, field: Field): string | null => {
  const { sub, sid, jti, client, address } = members(of)
  const values = { user: sub, session: sid, token: jti, client, address }
  if (field === 'kind') return of.type
  return ((field === 'actor' ? actorOf(of)?.id : values[field]) as string | undefined) ?? null
}

const byPlace = (a: Placed, b: Placed): number =>
  a.place.at - b.place.at || a.place.lane - b.place.lane || a.place.offset - b.place.offset

type Wanted = AuditFilter & Omit<AuditQuery, 'terms' | 'after'>

/** Every event that fits, looked at one by one. */
const expected = (all: readonly Placed[], { since, until, order, ...filter }: Wanted): string[] => {
  const found = all
    .filter(({ at }) => (since === null || at >= since) && (until === null || at < until))
    .filter(({ event: of }) =>
      fields.every((field) => {
        const value = filter[field]
        return value === null || has[field](of, value)
      }),
    )
    .sort(order === 'newest' ? (a, b) => byPlace(b, a) : byPlace)
  return [...new Set(found.map(({ id }) => id))]
}

/** Mostly what some event has; now and then what two have. */
const drawnQuery = (all: readonly Placed[], dice: Dice): Wanted => {
  const first = dice.pick(all)
  const filter: Record<string, string | null> = { ...noFilter }
  for (const field of fields) {
    if (!dice.chance(30)) continue
    const { event: from } = dice.chance(15) ? dice.pick(all) : first
    filter[field] = valueIn(from, field)
  }
  const instant = (): EpochMs => (dice.pick(all).at + dice.below(3) - 1) as EpochMs
  return {
    ...(filter as unknown as AuditFilter),
    since: dice.chance(30) ? instant() : null,
    until: dice.chance(30) ? instant() : null,
    order: dice.pick(['newest', 'oldest'] as const),
    limit: dice.chance(20) ? 1 + dice.below(4) : 5 + dice.below(60),
  }
}

const answered = async (asked: Asking, wanted: Wanted): Promise<string[]> => {
  const ids: string[] = []
  let after: AuditPlace | null = null
  do {
    const page: Awaited<ReturnType<typeof readEvents>> = await readEvents(asked, {
      ...wanted,
      after,
    })
    assert.ok(page.events.length <= wanted.limit)
    ids.push(...page.events.map(({ id }) => id))
    after = page.next
  } while (after !== null)
  return ids
}

/** With so many drawn queries: each of them costs a slow server half a second or more. */
export const auditQueriesOf = (queries: number) =>
  contract<World>('queries of events', {
    'drawn filters, times, orders and pages find what a look at every event finds': async (
      world,
    ) => {
      const dice = new Dice('queries')
      const asked = { index: world, events: anEventCheck(), privacy: memoryPrivacy() }
      const all = await filled(world, asked, dice)
      let found = 0
      for (let turn = 0; turn < queries; turn += 1) {
        const wanted = drawnQuery(all, dice)
        const ids = expected(all, wanted)
        if (ids.length > 0) found += 1
        assert.equal(await answered(asked, wanted), ids, `${turn} ${JSON.stringify(wanted)}`)
      }
      assert.ok(found > queries / 2, `${found} queries found something`)
    },
  })

export const auditQueriesContract = auditQueriesOf(60)
