import { SessionAge, sessionsHeldAt } from '../../../services/gateway/questions/index.ts'
import { event } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { noon } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { DrawnHistory } from '../../support/fakes/drawn-history.ts'
import { assert, claims } from '../../support/suite.ts'
import { type AskedIndex, askedIndex } from '../../support/views/asked-index.ts'

const hourMs = 3_600_000
/** As long as a session of this history goes on, refreshed each hour. */
const longMs = 50 * hourMs

/** A session of `longMs`, and when all of it was told. */
const longSession = async (asked: AskedIndex) => {
  const history = new DrawnHistory(new Dice('long'))
  const session = history.login()
  while (history.now < noon + longMs) {
    history.now += hourMs
    history.refresh(session)
  }
  await asked.tell(...history.told)
  return { session, now: history.now as EpochMs }
}

const changed = (name: string, at: number) => ({
  ...{ id: 'x/changed:0:0', at },
  event: event('SettingsChanged', { changed: [{ name, before: null, now: '0123456789abcdef' }] }),
})

const heldAt = async (asked: AskedIndex, age: SessionAge, at: EpochMs) => {
  const question = { user: null, at, after: null, limit: 9 }
  return (await sessionsHeldAt(asked, age, question)).rows.map(({ sid }) => sid)
}

claims('who held a session that began under a longer lifetime than the one of now', {
  'is found as far back as any gateway allowed': async () => {
    const asked = await askedIndex()
    const { session, now } = await longSession(asked)
    const noted = (ms: number) => new SessionAge(asked, { ms, since: 0 as EpochMs }, 2 * 3_600_000)
    assert.equal(await heldAt(asked, noted(longMs), now), [session.sid])
    assert.equal(await heldAt(asked, noted(longMs - hourMs), now), [])
  },

  'is found where nobody noted it, if the setting was changed before': async () => {
    const found = async (name: string, at: number, since: number) => {
      const asked = await askedIndex()
      const { session, now } = await longSession(asked)
      await asked.tell(changed(name, at))
      const age = new SessionAge(asked, { ms: hourMs, since: since as EpochMs }, 2 * 3_600_000)
      return (await heldAt(asked, age, now)).includes(session.sid)
    }
    const [setting, end] = ['CURFEW_SESSION_MAX_LIFETIME', noon + longMs]
    assert.is(await found(setting, end, end), true, 'by the start that notes it')
    assert.is(await found(setting, noon + 1, end), true, 'long before')
    assert.is(await found('CURFEW_LEEWAY', end, end), false, 'it is as it always was')
    assert.is(await found(setting, end, noon - hourMs), false, 'it was noted before it changed')
  },
})
