import type { Asking } from '../../../services/gateway/audit/index.ts'
import {
  answeredWithin,
  guardRefusals,
  SessionAge,
  sessionsHeldAt,
  usedAfter,
} from '../../../services/gateway/questions/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { auditTerms } from '../../../shared/events/audit-terms.ts'
import type { AuthEvent } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import { anEventCheck } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { DrawnHistory } from '../../support/fakes/drawn-history.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { assert, claims } from '../../support/suite.ts'
import { askedIndex } from '../../support/views/asked-index.ts'

const page = { since: null, until: null, order: 'oldest', after: null, limit: 100 } as const
const ageIn = (asked: Asking) =>
  new SessionAge(asked, { ms: 30 * 86_400_000, since: 0 as EpochMs }, 2 * 3_600_000)

/** As an auditor filled it that gave events no later terms than these. */
const filledBy = (index: AuditIndex, terms: number): AuditIndex => {
  const later: readonly (readonly [since: number, pattern: RegExp])[] = [
    [2, /^(?:login|end|cutoff):/],
    [3, /^unowned:/],
  ]
  const knows = (term: string): boolean =>
    !later.some(([since, pattern]) => since > terms && pattern.test(term))
  return replacing(index, {
    add: (batch) => {
      const events = batch.events.map((one) => ({ ...one, terms: one.terms.filter(knows) }))
      return index.add({ ...batch, events })
    },
  })
}

const drawn = (dice: Dice, turns: number): DrawnHistory => {
  const history = new DrawnHistory(dice)
  for (let turn = 0; turn < turns; turn += 1) history.step()
  return history
}

const questions = {
  refusals: async (asked, user) =>
    (await guardRefusals(asked, ageIn(asked), user, page)).rows.map(({ id, at }) => ({ id, at })),
  'used-after': async (asked, user) => {
    const { rows } = await usedAfter(asked, ageIn(asked), user, page)
    return rows.map(({ end, use }) => ({ id: `${end.id} ${use.id}`, at: end.at }))
  },
} satisfies Record<
  string,
  (asked: Asking, user: string | null) => Promise<readonly { id: string; at: number }[]>
>

const isLoginOf = (user: string | null, { type, data }: AuthEvent): boolean =>
  type === 'TokenIssued' && data.cause === 'login' && (user === null || data.sub === user)

/** The part of a history that the log still has is indexed anew, in a lane of all terms. */
const upgraded = async (history: DrawnHistory, terms: number, cut: number) => {
  const index = openMemoryAuditIndex()
  const check = anEventCheck()
  const before = await askedIndex(filledBy(index, terms), check, terms)
  await before.tell(...history.told)
  const asked = await askedIndex(index, check)
  await asked.tell(...history.told.slice(cut))
  return asked
}

claims('for which time an answer has all', {
  'what an older auditor gave fewer terms is answered in full, or lies before that time':
    async () => {
      let short = 0
      for (const terms of [1, 2]) {
        for (let nth = 0; nth < 8; nth += 1) {
          const dice = new Dice(`terms ${terms} ${nth}`)
          const history = drawn(dice, 120)
          const whole = await askedIndex()
          await whole.tell(...history.told)
          const asked = await upgraded(history, terms, dice.below(history.told.length))
          for (const user of [null, ...history.users]) {
            for (const [name, ask] of Object.entries(questions)) {
              const expected = await ask(whole, user)
              const { answer, coverage } = await answeredWithin(asked, (by) => ask(by, user))
              const found = new Set(answer.map(({ id }) => id))
              const lacking = expected.filter(({ id }) => !found.has(id))
              short += lacking.length
              const { from } = coverage
              // Of what began before that time nothing is known, so neither whom a cutoff ended.
              const begun = history.told.filter(({ at }) => from !== null && at < from)
              const isBegun = ({ id }: { id: string }): boolean =>
                !id.startsWith('s/') && begun.some(({ event }) => isLoginOf(user, event))
              const promised = lacking
                .filter(({ at }) => from !== null && at >= from)
                .filter((one) => terms > 1 || !isBegun(one))
              assert.equal(promised, [], `${name} of ${user} in ${terms}`)
            }
          }
        }
      }
      assert.ok(short > 20, `the older terms lack something: ${short}`)
    },

  'it begins as early as all lanes have what was asked for': async () => {
    const history = drawn(new Dice('asked'), 60)
    const asked = await upgraded(history, 2, 40)
    const [user = ''] = history.users
    const from = async (ask: (by: Asking) => Promise<unknown>) =>
      (await answeredWithin(asked, ask)).coverage.from
    const oldest = Math.min(...history.told.map(({ at }) => at))
    const at = history.now as EpochMs
    const held = { user, at, after: null, limit: 10 }
    assert.is(await from((by) => sessionsHeldAt(by, ageIn(by), held)), oldest)
    assert.is(await from((by) => guardRefusals(by, ageIn(by), null, page)), oldest)
    assert.is(await from((by) => guardRefusals(by, ageIn(by), user, page)), history.told[40]?.at)
  },

  'nothing is promised of terms that no auditor filled yet': async () => {
    const history = drawn(new Dice('not yet'), 30)
    const [user = ''] = history.users
    const index = openMemoryAuditIndex()
    const asked = await askedIndex(filledBy(index, auditTerms - 1), anEventCheck(), auditTerms - 1)
    await asked.tell(...history.told)
    const ask = () => answeredWithin(asked, (by) => questions.refusals(by, user))
    assert.is((await ask()).coverage.from, null)
    await index.openLane(0, auditTerms)
    assert.is((await ask()).coverage.from, null, 'a lane that is empty yet')
  },
})
