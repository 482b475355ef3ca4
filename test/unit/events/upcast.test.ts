import type { StoredEvent } from '../../../shared/events/event.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import { type UpcastTable, upcast, upcastTable, upcastWith } from '../../../shared/events/upcast.ts'
import { assert, claims } from '../../support/suite.ts'

type Stored = Readonly<{ type: string; version: number; data: Readonly<Record<string, unknown>> }>

/** A history as it may come: version 2 named a member otherwise, version 3 added one. */
const history: UpcastTable = {
  Moved: {
    1: ({ place, ...rest }) => ({ ...rest, to: place }),
    2: (data) => ({ ...data, by: null }),
  },
}
const newest = (stored: Stored): Stored => upcastWith(history)(stored)

claims('upcasting', {
  'an old event becomes what the newest version would have written': () => {
    const first = { type: 'Moved', version: 1, data: { id: 7, place: 'home' } }
    assert.equal(newest(first), {
      type: 'Moved',
      version: 3,
      data: { id: 7, to: 'home', by: null },
    })
    const second = { type: 'Moved', version: 2, data: { id: 7, to: 'home' } }
    assert.equal(newest(second), {
      type: 'Moved',
      version: 3,
      data: { id: 7, to: 'home', by: null },
    })
  },

  'the newest version and types without history are the same objects': () => {
    for (const stored of [
      { type: 'Moved', version: 3, data: { id: 7, to: 'home', by: null } },
      { type: 'Other', version: 1, data: {} },
    ]) {
      assert.is(newest(stored), stored)
    }
  },

  'what is stored is not changed': () => {
    const stored = Object.freeze({ type: 'Moved', version: 1, data: Object.freeze({ place: 'x' }) })
    newest(stored)
    assert.equal(stored.data, { place: 'x' })
  },

  'every step of the real table leads from a version that a sample has': () => {
    for (const [type, steps] of Object.entries(upcastTable)) {
      for (const version of Object.keys(steps ?? {})) {
        const found = eventExamples.some(
          ({ stored }) => stored.type === type && stored.version === Number(version),
        )
        assert.ok(found, `${type} ${version} has a step and no sample`)
      }
    }
  },

  'every sample of today is today’s': () => {
    for (const { stored } of eventExamples) {
      const cast: StoredEvent = upcast(stored)
      assert.is(cast.type, stored.type)
      assert.ok(cast.version >= stored.version)
    }
  },
})
