import { followEvents, type ReadEvent } from '../../../../services/gateway/audit/index.ts'
import { openMemoryAuditIndex } from '../../../../shared/adapters/memory/audit-index.ts'
import { noFilter } from '../../../../shared/events/audit-terms.ts'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import { anEventCheck, aRevoked, aSid, noon } from '../../../support/fakes/builders.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { replacing } from '../../../support/fakes/faulty-stores.ts'
import { memoryPrivacy } from '../../../support/fakes/memory-privacy.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'
import { askedIndex } from '../../../support/views/asked-index.ts'

const wanted = { ...noFilter, since: null, until: null }
const away = () => new AuthError('STORE_UNAVAILABLE', 'the database does not answer')

claims('curfew audit tail', {
  'it shows each event once and in order, over a database that fails to read and to write':
    async () => {
      const dice = new Dice('tail')
      const asked = await askedIndex()
      const failing = <T>(call: () => Promise<T>): Promise<T> =>
        dice.chance(40) ? Promise.reject(away()) : call()
      const index = replacing(asked.index, {
        arrivals: (after, limit) => failing(() => asked.index.arrivals(after, limit)),
      })
      const clock = fakeClock()
      const stop = new AbortController()
      const told: string[] = []
      const shown: string[] = []
      const tell = (events: readonly ReadEvent[]): Promise<void> =>
        failing(async () => {
          told.push(...events.map(({ id }) => id))
        })
      const parts = { asking: { ...asked, index }, wanted, tell, clock, stop: stop.signal }
      const following = (async () => {
        for await (const { id } of followEvents(parts)) {
          assert.ok(told.includes(id), 'nothing is shown before it is told that it is')
          shown.push(id)
        }
      })()
      await until('it waits', () => clock.sleeping() > 0)
      const ids = Array.from({ length: 40 }, () => `s/${aSid()}:1:0`)
      for (const [nth, id] of ids.entries()) {
        await asked.tell({ id, at: noon + nth, event: aRevoked() })
        await clock.advance(500)
      }
      await until('all are shown', async () => {
        await clock.advance(500)
        return shown.length >= ids.length
      })
      assert.equal(shown, ids)
      stop.abort()
      await clock.advance(500)
      await following
    },

  'where nobody fills the index it says so, and does not wait for ever': async () => {
    const privacy = memoryPrivacy()
    const asking = { index: openMemoryAuditIndex(), events: anEventCheck(), privacy }
    const stop = new AbortController().signal
    const events = followEvents({
      asking,
      wanted,
      tell: async () => {},
      clock: fakeClock(),
      stop,
    })
    try {
      await events.next()
      assert.unreachable()
    } catch (error) {
      assert.ok(isAuthError(error, 'AUDIT_UNFILLED'))
    }
  },
})
