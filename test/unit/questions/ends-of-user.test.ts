import {
  guardRefusals,
  SessionAge,
  usedAfter,
  usedAfterCursor,
} from '../../../services/gateway/questions/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import type { EventData } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { DrawnHistory, type HistoricSession } from '../../support/fakes/drawn-history.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { assert, claims } from '../../support/suite.ts'
import { type AskedIndex, askedIndex, type Told } from '../../support/views/asked-index.ts'

const ageIn = (asked: AskedIndex) =>
  new SessionAge(asked, { ms: 30 * 86_400_000, since: 0 as EpochMs }, 2 * 3_600_000)
const order = 'oldest' as const
const always = { since: null, until: null, order }

const misusedBy = async (asked: AskedIndex, user: string | null, limit: number) => {
  const uses: string[] = []
  let after: string | null = '~'
  while (after !== null) {
    const page = { ...always, limit, after: usedAfterCursor(after) }
    const answer = await usedAfter(asked, ageIn(asked), user, page)
    uses.push(...answer.rows.map(({ end, use }) => `${end.id} ${use.id}`))
    after = answer.next
  }
  return uses.sort()
}

const refusedOf = async (asked: AskedIndex, user: string | null, limit: number) => {
  const ids: string[] = []
  let after: AuditPlace | null = null
  do {
    const page: { after: AuditPlace | null; limit: number } = { after, limit }
    const answer = await guardRefusals(asked, ageIn(asked), user, { ...always, ...page })
    ids.push(...answer.rows.map(({ id }) => id))
    after = answer.next
  } while (after !== null)
  return ids.sort()
}

type Issue = Readonly<{ id: string; at: number; version: number; data: EventData<'TokenIssued'> }>
type End = Readonly<{ id: string; at: number; version: number; data: EventData<'TokenRevoked'> }>

const versionOf = (id: string): number => Number(/:(\d+):\d+$/.exec(id)?.[1])

const issuesIn = (told: readonly Told[]): Issue[] =>
  told.flatMap(({ id, at, event }) =>
    event.type === 'TokenIssued' ? [{ id, at, version: versionOf(id), data: event.data }] : [],
  )
const endsIn = (told: readonly Told[]): End[] =>
  told.flatMap(({ id, at, event }) =>
    event.type === 'TokenRevoked' && event.data.reason !== 'rotated'
      ? [{ id, at, version: versionOf(id), data: event.data }]
      : [],
  )

/** The last use of each session that a cutoff should have ended, if that is long after it. */
const usesAfterCutoff = (end: End, issues: readonly Issue[]): Issue[] => {
  const isMeant = ({ data }: Issue): boolean =>
    ['all', `sub:${data.sub}`, `client:${data.client}`].includes(end.data.key)
  const logins = issues.filter(({ version, data }) => version === 0 && data.kind === 'refresh')
  return logins
    .filter((login) => login.at < end.at && isMeant(login))
    .flatMap(({ data: { sid } }) => {
      const last = issues.filter(({ data }) => data.sid === sid).at(-1)
      return last && last.at > end.at + 64_000 ? [last] : []
    })
}

const usesAfter = (end: End, issues: readonly Issue[]): Issue[] => {
  const { scope, key } = end.data
  const id = key.slice(4)
  if (scope === 'session') {
    const isUse = ({ version, data }: Issue) => data.sid === id && version > end.version
    return issues.filter(isUse).slice(0, 1)
  }
  if (scope !== 'token') return usesAfterCutoff(end, issues)
  return issues.filter(({ at, data }) => data.replaces === id && at > end.at).slice(0, 1)
}

/** A history in which ended sessions go on now and then. */
const broken = (seed: string): DrawnHistory => {
  const dice = new Dice(`${seed}-breaks`)
  const history = new DrawnHistory(new Dice(seed))
  for (let turn = 0; turn < 90; turn += 1) {
    history.step()
    const session = dice.pick(history.sessions)
    if (dice.chance(10)) history.endToken(session, 'refresh')
    if (!dice.chance(15)) continue
    history.pass()
    history.refresh(session)
  }
  return history
}

const livesNow = (now: number, { endedAt, tokens }: HistoricSession): boolean =>
  endedAt === null && tokens.some((token) => token.endedAt === null && token.expiresAt > now)

claims('what ended the tokens of one user', {
  'what was used after it is what all answers together have of that user': async () => {
    const scopes = new Set<string>()
    for (const seed of ['used-1', 'used-2', 'used-3']) {
      const history = broken(seed)
      const asked = await askedIndex()
      await asked.tell(...history.told)
      const issues = issuesIn(history.told)
      const uses = endsIn(history.told).flatMap((end) =>
        usesAfter(end, issues).map((use) => ({ end, use })),
      )
      for (const user of [null, ...history.users]) {
        const own = uses.filter(({ use }) => user === null || use.data.sub === user)
        for (const { end } of own) scopes.add(`${end.data.scope} ${user === null}`)
        const expected = own.map(({ end, use }) => `${end.id} ${use.id}`).sort()
        assert.equal(await misusedBy(asked, user, 7), expected, `${seed} ${user}`)
      }
    }
    assert.is(scopes.size, 10, 'each scope, of everybody and of one')
  },

  'guards are asked about each end that a session or a token of theirs had': async () => {
    const named = new Set<string>()
    for (const seed of ['refused-1', 'refused-2', 'refused-3']) {
      const history = new DrawnHistory(new Dice(seed))
      const expected = new Map<string, string[]>(history.users.map((user) => [user, []]))
      for (let turn = 0; turn < 100; turn += 1) {
        const before = history.told.length
        const then = history.sessions.filter((session) => livesNow(history.now, session))
        history.step()
        for (const end of endsIn(history.told.slice(before))) {
          const { scope, key, sub } = end.data
          named.add(scope)
          const living = then.filter((session) => {
            return livesNow(end.at - 1, { ...session, endedAt: null })
          })
          const isMeant = ({ sub, client }: HistoricSession): boolean =>
            ['all', `sub:${sub}`, `client:${client}`].includes(key)
          const holders =
            scope === 'token'
              ? history.sessions.filter(({ tokens }) => tokens.some(({ jti }) => key.includes(jti)))
              : living.filter(isMeant)
          const users = sub === null ? holders.map((session) => session.sub) : [sub as string]
          for (const user of new Set(users)) expected.get(user)?.push(end.id)
        }
      }
      const asked = await askedIndex()
      await asked.tell(...history.told)
      for (const [user, ids] of expected) {
        assert.equal(await refusedOf(asked, user, 3), ids.sort(), `${seed} ${user}`)
      }
      const all = endsIn(history.told).map(({ id }) => id)
      assert.equal(await refusedOf(asked, null, 9), all.sort())
    }
    assert.equal([...named].sort(), ['all', 'client', 'session', 'subject', 'token'])
  },

  'of a user with thousands of ended logins a page is answered with some hundred of them':
    async () => {
      const history = new DrawnHistory(new Dice('many logins'))
      const [user = ''] = history.users
      for (let n = 0; n < 3_000; n += 1) {
        history.now += 60_000
        history.end(history.login())
      }
      const since = (history.now + 1) as EpochMs
      for (let n = 0; n < 5; n += 1) {
        history.now += 60_000
        history.cutoff(2)
      }
      const index = openMemoryAuditIndex()
      let pages = 0
      const counted = replacing(index, {
        page: (query) => {
          pages += 1
          return index.page(query)
        },
      })
      const asked = await askedIndex(counted)
      await asked.tell(...history.told)
      pages = 0
      const page = { ...always, since, after: null, limit: 10 }
      const { rows } = await guardRefusals(asked, ageIn(asked), user, page)
      assert.is(rows.length, 5, 'what is not known is not left out')
      assert.ok(pages < 2_000, `${pages} pages`)
    },
})
