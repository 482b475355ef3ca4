import {
  type HeldSession,
  newAddresses,
  SessionAge,
  sessionsHeldAt,
  tokensOf,
  usedAfter,
  usedAfterCursor,
} from '../../../services/gateway/questions/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { DrawnHistory } from '../../support/fakes/drawn-history.ts'
import { assert, claims } from '../../support/suite.ts'
import { type AskedIndex, askedIndex } from '../../support/views/asked-index.ts'

const ageIn = (asked: AskedIndex) =>
  new SessionAge(asked, { ms: 30 * 86_400_000, since: 0 as EpochMs }, 2 * 3_600_000)
const minuteMs = 60_000
const always = { since: null, until: null } as const

type Paged<Row> = Readonly<{ rows: readonly Row[]; next: AuditPlace | null }>

/** All rows of an answer, page by page. */
const allOf = async <Row>(
  ask: (after: AuditPlace | null) => Promise<Paged<Row>>,
): Promise<Row[]> => {
  const rows: Row[] = []
  let after: AuditPlace | null = null
  do {
    const page: Paged<Row> = await ask(after)
    rows.push(...page.rows)
    after = page.next
  } while (after !== null)
  return rows
}

const held = (asked: AskedIndex, user: string | null, at: number): Promise<HeldSession[]> =>
  allOf((after) =>
    sessionsHeldAt(asked, ageIn(asked), { user, at: at as EpochMs, after, limit: 3 }),
  )

const shown = (rows: readonly HeldSession[]) =>
  rows
    .map(
      ({ sid, tokens }) =>
        `${sid} ${tokens
          .map(({ jti }) => jti)
          .sort()
          .join(' ')}`,
    )
    .sort()

/** What lives now, as the history knows it. */
const living = ({ sessions, now }: DrawnHistory, user: string | null) =>
  sessions
    .filter(({ sub, endedAt }) => (user === null || sub === user) && endedAt === null)
    .flatMap(({ sid, tokens }) => {
      const live = tokens.filter(({ expiresAt, endedAt }) => expiresAt > now && endedAt === null)
      return live.length > 0
        ? [
            `${sid} ${live
              .map(({ jti }) => jti)
              .sort()
              .join(' ')}`,
          ]
        : []
    })
    .sort()

const drawn = (seed: string, steps: number): DrawnHistory => {
  const history = new DrawnHistory(new Dice(seed))
  for (let turn = 0; turn < steps; turn += 1) history.step()
  return history
}

const misused = async (asked: AskedIndex, user: string | null = null) => {
  const uses: string[] = []
  let after: string | null = '~'
  let checked = 0
  do {
    const cursor = usedAfterCursor(after)
    const page = await usedAfter(asked, ageIn(asked), user, {
      ...always,
      order: 'oldest',
      limit: 2,
      after: cursor,
    })
    uses.push(...page.rows.map(({ use }) => use.id))
    checked += page.checked
    after = page.next
  } while (after !== null)
  return { uses, checked }
}

claims('the questions that auditors ask', {
  'who held a live session or token at an instant is what lived then': async () => {
    for (const seed of ['held-1', 'held-2', 'held-3', 'held-4']) {
      const dice = new Dice(`${seed}-lifetimes`)
      const history = new DrawnHistory(new Dice(seed))
      const moments: { at: number; user: string | null; expected: string[] }[] = []
      for (let turn = 0; turn < 60; turn += 1) {
        history.accessMs = dice.pick([minuteMs, 5 * minuteMs, 120 * minuteMs])
        history.step()
        const { now: at, users } = history
        for (const user of [null, ...users]) {
          moments.push({ at, user, expected: living(history, user) })
        }
      }
      const asked = await askedIndex()
      await asked.tell(...history.told)
      for (const { at, user, expected } of moments) {
        assert.equal(shown(await held(asked, user, at)), expected, `${seed} ${at} ${user}`)
      }
      assert.ok(moments.some(({ expected }) => expected.length > 2))
    }
  },

  'a session that began as the cutoff was set may have lived, and the answer says that it may':
    async () => {
      const history = new DrawnHistory(new Dice('race'))
      const before = history.login()
      history.now += 10_000
      history.cutoff(2)
      history.now += 10_000
      const [raced, other] = [history.login(), history.login()]
      history.now += 200_000
      history.refresh(other)
      const asked = await askedIndex()
      await asked.tell(...history.told)
      const rows = await held(asked, null, history.now + 1)
      const certainty = new Map(rows.map(({ sid, certain }) => [sid, certain]))
      assert.is(certainty.has(before.sid), false)
      assert.is(certainty.get(raced.sid), false)
      assert.is(certainty.get(other.sid), true, 'who refreshed later was not ended')
    },

  'a session that the same request opened as it ended the others lives': async () => {
    const history = new DrawnHistory(new Dice('kept'))
    history.cutoff(2)
    history.login()
    const asked = await askedIndex()
    await asked.tell(...history.told)
    const rows = await held(asked, null, history.now)
    assert.equal(
      rows.map(({ certain }) => certain),
      [true],
    )
  },

  'a request id that callers chose again tells nothing of a session that began long before':
    async () => {
      for (const which of [0, 1, 2]) {
        const history = new DrawnHistory(new Dice(`chosen-${which}`))
        const session = history.login()
        while (session.endedAt === null) {
          history.pass()
          history.cutoff(which)
        }
        history.now += 1_000
        const asked = await askedIndex()
        await asked.tell(...history.told.map((told) => ({ ...told, request: 'chosen' })))
        assert.equal(await held(asked, session.sub, history.now), [])
        const page = { ...always, order: 'oldest', limit: 9, after: null } as const
        const { rows } = await tokensOf(asked, session.sid, page)
        assert.is(rows[1]?.ended?.at, session.endedAt)
        history.pass()
        history.refresh(session)
        const broken = await askedIndex()
        await broken.tell(...history.told.map((told) => ({ ...told, request: 'chosen' })))
        assert.not.equal((await misused(broken)).uses, [])
      }
    },

  'every token of a session comes from first to last, with what ended it': async () => {
    const history = drawn('tokens', 120)
    const asked = await askedIndex()
    await asked.tell(...history.told)
    for (const { sid, tokens, endedAt } of history.sessions) {
      const page = { ...always, order: 'oldest', limit: 4 } as const
      const rows = await allOf((after) => tokensOf(asked, sid, { ...page, after }))
      assert.equal(
        rows.map(({ jti, ended }) => [jti, ended?.at ?? null]),
        tokens.map(({ jti, endedAt: own, expiresAt }) => {
          const ends = [own, endedAt].filter((at) => at !== null).filter((at) => at < expiresAt)
          return [jti, ends.length > 0 ? Math.min(...ends) : null]
        }),
      )
    }
  },

  'no token of a right history was used after its end, and every end is looked at': async () => {
    const history = drawn('used', 150)
    const asked = await askedIndex()
    await asked.tell(...history.told)
    const ends = history.told.filter(({ event }) => {
      return event.type === 'TokenRevoked' && event.data.reason !== 'rotated'
    })
    assert.equal(await misused(asked), { uses: [], checked: ends.length })
  },

  'a session that goes on after its end, or after any cutoff, is found': async () => {
    for (const which of [0, 1, 2, 3]) {
      const history = drawn(`broken-${which}`, 60)
      const session = history.login()
      while (session.endedAt === null) {
        history.pass()
        if (which === 3) history.end(session)
        else history.cutoff(which)
      }
      history.pass()
      history.refresh(session)
      const asked = await askedIndex()
      await asked.tell(...history.told)
      const { uses } = await misused(asked)
      assert.ok(
        uses.some((id) => id.startsWith(`s/${session.sid}:`)),
        `${which}`,
      )
    }
  },

  'a sign-in is from a new address when none of that user was before': async () => {
    const history = drawn('addresses', 200)
    const asked = await askedIndex()
    await asked.tell(...history.told)
    const known = new Set<string>()
    const expected = history.sessions.flatMap(({ sid, sub, address }) => {
      const isNew = !known.has(`${sub} ${address}`)
      const isFirst = !known.has(sub)
      known.add(`${sub} ${address}`).add(sub)
      return isNew ? [[sid, isFirst]] : []
    })
    const page = { ...always, order: 'oldest', limit: 5 } as const
    const rows = await allOf((after) => newAddresses(asked, null, { ...page, after }))
    assert.equal(
      rows.map(({ sid, isFirst }) => [sid, isFirst]),
      expected,
    )
    for (const user of history.users) {
      const own = await allOf((after) => newAddresses(asked, user, { ...page, after }))
      assert.equal(
        own,
        rows.filter(({ sub }) => sub === user),
      )
    }
  },
})
