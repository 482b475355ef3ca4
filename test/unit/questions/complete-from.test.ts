import {
  answeredWithin,
  completeFrom,
  newAddresses,
  type Question,
  SessionAge,
  sessionsHeldAt,
  usedAfter,
} from '../../../services/gateway/questions/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { event } from '../../../shared/events/event.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { noon } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { DrawnHistory, refreshMs } from '../../support/fakes/drawn-history.ts'
import { assert, claims } from '../../support/suite.ts'
import { type AskedIndex, askedIndex, type Told } from '../../support/views/asked-index.ts'

const page = { since: null, until: null, order: 'oldest', after: null, limit: 300 } as const
const hourMs = 3_600_000
/** Sessions of these histories are used for a day at most, and live for a day after that. */
const longest = { ms: 2 * refreshMs, since: 0 as EpochMs }
const ageIn = (asked: AskedIndex, since = 0) =>
  new SessionAge(asked, { ...longest, since: since as EpochMs }, 2 * hourMs)

/** Five days: sessions that begin, are used for a day at most, and end or are forgotten. */
const drawn = (dice: Dice): DrawnHistory => {
  const history = new DrawnHistory(dice)
  while (history.now < noon + 5 * refreshMs) {
    history.pass()
    history.now += dice.below(hourMs)
    const used = history.live().filter(({ began }) => history.now - began < refreshMs)
    const turn = dice.below(100)
    if (used.length === 0 || turn < 30) history.login()
    else if (turn < 80) history.refresh(dice.pick(used))
    else if (turn < 90) history.end(dice.pick(used))
    else if (turn < 95) history.endToken(dice.pick(used))
    else history.cutoff(dice.below(3))
  }
  return history
}

const retainedEvent = (before: number) => {
  const example = eventExamples.find(({ stored }) => stored.type === 'TrailRetained')
  if (example?.stored.type !== 'TrailRetained') throw new Error('no example')
  return event('TrailRetained', { ...example.stored.data, before: before as EpochMs })
}

/** What is left of a history behind a retention of what was before this instant. */
const retained = async (history: DrawnHistory, before: number): Promise<AskedIndex> => {
  const told: Told = { id: 'x/retention:0:0', at: history.now, event: retainedEvent(before) }
  const asked = await askedIndex(openMemoryAuditIndex())
  await asked.tell(...history.told.filter(({ at }) => at >= before), told)
  return asked
}

const ask = async (asked: AskedIndex, question: Question, since = 0) => {
  const age = ageIn(asked, since)
  const { answer, coverage } = await answeredWithin(
    asked,
    async (by) => {
      if (question.ask === 'held') {
        const { user, at } = question
        const { rows } = await sessionsHeldAt(by, age, { user, at, after: null, limit: 300 })
        return rows.map(({ sid }) => sid).sort()
      }
      if (question.ask === 'new-addresses') {
        return (await newAddresses(by, question.user, page)).rows.map((row) => row.event)
      }
      return (await usedAfter(by, age, null, page)).rows.map(({ end }) => end.id)
    },
    (beginning) => completeFrom(asked, age, question, beginning),
  )
  return { answer, from: coverage.from }
}

claims('what an answer needs from before its time', {
  'behind a retention who held something is told in full, or lies before that time': async () => {
    let [short, full] = [0, 0]
    for (let nth = 0; nth < 2; nth += 1) {
      const dice = new Dice(`retained ${nth}`)
      const history = drawn(dice)
      const whole = await askedIndex()
      await whole.tell(...history.told)
      const asked = await retained(history, noon + refreshMs + dice.below(refreshMs))
      for (let at = noon + refreshMs; at < history.now; at += 8 * hourMs) {
        for (const user of [null, ...history.users]) {
          const question: Question = { ask: 'held', user, at: at as EpochMs }
          const { answer: expected, from: always } = await ask(whole, question)
          assert.is(always, history.told[0]?.at, 'what lost nothing is complete from its first')
          const { answer, from } = await ask(asked, question)
          if (answer.join() !== expected.join()) short += 1
          if (from === null || at < from) continue
          full += expected.length
          assert.equal(answer, expected, `held at ${at - noon} by ${user}`)
        }
      }
    }
    assert.ok(short > 4 && full > 4, `something is lacking, and something is not: ${short} ${full}`)
  },

  'each question says from when on nothing of it is gone': async () => {
    const history = drawn(new Dice('each'))
    const before = noon + 2 * refreshMs
    const asked = await retained(history, before)
    const oldest = history.told.find(({ at }) => at >= before)?.at ?? 0
    const [user = ''] = history.users
    const at = history.now as EpochMs
    const from = async (question: Question, since = 0) =>
      completeFrom(asked, ageIn(asked, since), question, oldest as EpochMs)
    const aged = oldest + longest.ms
    const isBegun = (sid: string) =>
      history.sessions.some((one) => one.sid === sid && one.began >= before)
    const sessions = history.told.flatMap(({ at, event: { type, data } }) =>
      type === 'TokenIssued' && at >= before ? [data.sid] : [],
    )
    const [old = ''] = sessions.filter((sid) => !isBegun(sid))
    const [young = ''] = sessions.filter(isBegun)
    assert.ok(old !== '' && young !== '')
    assert.is(await from({ ask: 'acts', actor: user }), oldest)
    assert.is(await from({ ask: 'held', user, at }), aged)
    assert.is(await from({ ask: 'used-after', user: null }), aged)
    assert.is(await from({ ask: 'tokens', session: young }), oldest)
    assert.is(await from({ ask: 'tokens', session: old }), aged)
    assert.is(await from({ ask: 'tokens', session: 'nobody' }), aged)
    const stale = oldest + 31 * 24 * hourMs
    assert.is(await from({ ask: 'refusals', user: null }), stale)
    assert.is(await from({ ask: 'refusals', user }), stale)
    assert.is(await from({ ask: 'new-addresses', user }), null)
    assert.is((await ask(asked, { ask: 'new-addresses', user })).from, null)
    assert.is((await ask(asked, { ask: 'held', user, at })).from, aged)
  },
})
