import type { EventStore } from '../../../shared/ports/event-store.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { assert, claims } from '../../support/suite.ts'
import type { WorldOptions } from '../../support/worlds/gateway-world.ts'
import type { StatePorts } from '../../support/worlds/world-backing.ts'
import { sequences } from './sequences-claims.ts'

const run = { runs: 1_200, seed: 7 }
const onStore = (broken: (store: EventStore) => EventStore): WorldOptions => ({
  wrap: (ports: StatePorts) => ({ ...ports, store: broken(ports.store) }),
})

/** Reads of a user's stream show no cutoff. */
const withoutCutoffs = (store: EventStore): EventStore =>
  replacing<EventStore>(store, {
    heads: async (streams) => {
      const heads = await store.heads(streams)
      return heads.map((head) => (head?.id.s.startsWith('u/') ? { ...head, cutoff: -1 } : head))
    },
  })

claims('the model goes red', {
  'where the cutoffs of a user are not read': async () => {
    const found = await sequences(onStore(withoutCutoffs), { graceMs: 10_000, ...run })
    assert.match(found, /Counterexample/)
  },

  'where the end of a session is not kept': async () => {
    const forgets = (store: EventStore): EventStore =>
      replacing<EventStore>(store, {
        append: (commit) => {
          const { session } = commit
          const revived = session && { ...session, status: 'live' as const }
          return store.append({ ...commit, session: revived })
        },
      })
    const found = await sequences(onStore(forgets), { graceMs: 10_000, ...run })
    assert.match(found, /Counterexample/)
  },

  'and stays green on the memory store itself': async () => {
    assert.is(await sequences({}, { graceMs: 10_000, ...run }), '')
  },
})
