import { EventRates } from '../../../../services/gateway/operators/index.ts'
import { openMemoryAuditIndex } from '../../../../shared/adapters/memory/audit-index.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { DrawnHistory } from '../../../support/fakes/drawn-history.ts'
import { assert, claims } from '../../../support/suite.ts'
import { askedIndex, type Told } from '../../../support/views/asked-index.ts'

/** Sessions of one minute. */
const history = (): readonly Told[] => {
  const drawn = new DrawnHistory(new Dice('rates'))
  for (let second = 0; second < 50; second += 1) {
    drawn.now += 1_000
    const [session = null] = drawn.live()
    if (session === null || second % 3 === 0) drawn.login()
    else if (second % 3 === 1) drawn.refresh(session)
    else drawn.end(session)
  }
  return drawn.told
}

const countOf = (told: readonly Told[], type: string, isCounted: (of: Told) => boolean): number =>
  told.filter((one) => one.event.type === type && isCounted(one)).length

claims('what the fleet did in the last minutes', {
  'counts each event once, also one that lies in the log twice, or is indexed anew': async () => {
    const dice = new Dice('twice')
    const told = history()
    const last = (told.at(-1)?.at ?? 0) as EpochMs
    const asked = await askedIndex(openMemoryAuditIndex())
    await asked.tell(...told.slice(0, 40))
    const rates = new EventRates(asked)
    for (let at = 40; at < told.length; at += 10) {
      await rates.look(last)
      const again = Array.from({ length: 5 }, () => dice.pick(told.slice(0, at)))
      await asked.tell(...told.slice(at, at + 10), ...again)
    }
    const { seconds } = await rates.look(last)
    const sum = (of: 'logins' | 'revocations'): number =>
      seconds.reduce((total, second) => total + second[of], 0)
    const logins = countOf(told, 'TokenIssued', ({ event: { data } }) => {
      return 'cause' in data && data.cause === 'login' && data.kind === 'refresh'
    })
    const ends = countOf(told, 'TokenRevoked', ({ event: { data } }) => {
      return 'reason' in data && data.reason !== 'rotated'
    })
    assert.equal([sum('logins'), sum('revocations')], [logins, ends])
  },
})
