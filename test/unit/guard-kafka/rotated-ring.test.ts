import { createSecretKey, type KeyObject } from 'node:crypto'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import { heardSink } from '../../contracts/revocation-feed.ts'
import { aRevocationRecord, aRing } from '../../support/fakes/builders.ts'
import { toldWorker } from '../../support/fakes/told-worker.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** A ring as `followMacRing` gives it: another map of keys once its file changed. */
const followed = () => {
  let { active, keys } = aRing()
  const ring: MacRing = {
    get active() {
      return active
    },
    get keys() {
      return keys
    },
  }
  const become = (kid: string, more: ReadonlyMap<string, KeyObject>): void => {
    active = kid
    keys = new Map([...keys, ...more])
  }
  return { ring, become }
}

claims('a feed in a thread, whose ring rotates', {
  'takes what a new key signs within a second or two, and what the old one signed': async () => {
    const { ring, become } = followed()
    const { feed, publish, begun, hangUp } = toldWorker(ring)
    const sink = heardSink()
    const old = aRevocationRecord(ring)
    await feed.open(sink)
    const key = createSecretKey(Buffer.alloc(32, 3))
    const next: MacRing = { active: 'k2', keys: new Map([['k2', key]]) }
    await publish([aRevocationRecord(next)])
    await until('what no key of the ring signed is forged', () =>
      sink.items.some(({ kind }) => kind === 'forged'),
    )
    become('k2', next.keys)
    await until('the thread has the new key', async () => {
      await publish([aRevocationRecord(next)])
      return sink.keys().length > 0
    })
    await publish([old])
    await until('what the old key signed is told', () => sink.keys().includes(old.key))
    assert.is(begun(), 1, 'no thread was started anew for it')
    await feed.close()
    hangUp()
  },
})
