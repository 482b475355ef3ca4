import type { ClientId, EpochMs } from '../../shared/kernel/ids.ts'
import { type Receiver, type Receivers, receiversMax } from '../../shared/ports/receivers.ts'

import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

export const aReceiver = (over: Partial<Receiver> = {}): Receiver => ({
  id: 'one',
  kind: 'ssf-push',
  client: 'orders' as ClientId,
  config: {
    url: 'https://receiver.example/events',
    authorization: 'Bearer x',
    audience: 'orders',
    events: null,
    description: null,
    sessionRequired: false,
  },
  subjects: { all: true, rules: [{ user: 'ann', session: null, told: false }] },
  status: { state: 'enabled', reason: null },
  cursor: [{ partition: 0, next: 7 }],
  generation: 0,
  acked: [],
  control: [{ id: 'c', at: 5 as EpochMs, kind: 'verification', state: null }],
  verifiedAt: null,
  deliveredAt: null,
  refused: 0,
  lease: null,
  revision: 0,
  ...over,
})

export const receiversContract = contract<Receivers>('receivers', {
  'what was made is read as it was, and an id is taken once': async (receivers) => {
    assert.is(await receivers.get('one'), null)
    assert.is(await receivers.create(aReceiver()), 'created')
    assert.equal(await receivers.get('one'), aReceiver())
    assert.is(await receivers.create(aReceiver({ refused: 4 })), 'exists')
    assert.equal(await receivers.list(), [aReceiver()])
  },

  'its subjects are kept, as many as there may be': async (receivers) => {
    const rules = Array.from({ length: 256 }, (_, index) => ({
      user: `${index}`.padEnd(256, 'u'),
      session: `${index}`.padEnd(256, 's'),
      told: index % 2 === 0,
    }))
    const receiver = aReceiver({ subjects: { all: false, rules } })
    await receivers.create(receiver)
    assert.equal(await receivers.get('one'), receiver)
    await receivers.replace({ ...receiver, subjects: { all: false, rules: [] } })
    assert.equal((await receivers.list())[0]?.subjects, { all: false, rules: [] })
  },

  'of racing replacements of one revision exactly one wins': async (receivers) => {
    await receivers.create(aReceiver())
    const outcomes = await race(8, (index) => receivers.replace(aReceiver({ refused: index })))
    assert.is(outcomes.filter((outcome) => outcome === 'replaced').length, 1)
    assert.is(outcomes.filter((outcome) => outcome === 'stale').length, 7)
    const stored = await receivers.get('one')
    assert.is(stored?.revision, 1)
    assert.is(stored?.refused, outcomes.indexOf('replaced'))
  },

  'a replacement of what is gone makes nothing': async (receivers) => {
    await receivers.create(aReceiver())
    await receivers.remove('one')
    await receivers.remove('one')
    assert.is(await receivers.replace(aReceiver()), 'absent')
    assert.equal(await receivers.list(), [])
  },

  'they are listed in order of id, up to the limit': async (receivers) => {
    const ids = Array.from({ length: receiversMax }, (_, index) => `r${100 + index}`)
    for (const id of [...ids].reverse()) {
      assert.is(await receivers.create(aReceiver({ id })), 'created')
    }
    assert.is(await receivers.create(aReceiver({ id: 'r999' })), 'full')
    assert.equal(
      (await receivers.list()).map(({ id }) => id),
      ids,
    )
  },
})
