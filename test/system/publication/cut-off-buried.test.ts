import { noOrigin } from '../../../shared/events/event.ts'
import { subjectStream } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { assert, claims } from '../../support/suite.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'

/** The first cutoff's answer is lost, and another commit lies on it before the retry looks. */
const losingOneAnswer = (store: EventStore): EventStore => {
  let lost = false
  return {
    ...store,
    append: async (commit) => {
      if (lost || commit.cutoff < 0) return store.append(commit)
      lost = true
      await store.append(commit)
      const id = { s: commit.id.s, v: commit.id.v + 1 }
      const other = {
        ...commit,
        id,
        events: [],
        kind: 'o' as const,
        claim: 'f'.repeat(32) as never,
      }
      await store.append(other)
      const [newest = null] = await store.heads([commit.id.s])
      return { outcome: 'conflict', newest }
    },
  }
}

claims('a cutoff whose answer was lost', {
  'is found under a newer commit, and not made again': () =>
    inWorld(
      { wrap: (ports) => ({ ...ports, store: losingOneAnswer(ports.store) }) },
      async (world) => {
        const { sub } = await world.addUser()
        const target = { scope: 'subject', sub } as const
        await appendAndDeliverCutoff(world.rooms, { target, reason: 'revoked', origin: noOrigin })
        const commits = await world.state.store.read(subjectStream(sub), 0, 10)
        const cutoffs = commits.filter(({ events }) =>
          events.some((e) => e.type === 'TokenRevoked'),
        )
        assert.is(cutoffs.length, 1)
      },
    ),
})
