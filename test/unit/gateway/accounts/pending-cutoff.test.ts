import fc from 'fast-check'
import { completeCutoff } from '../../../../services/gateway/accounts/pending-cutoff.ts'
import type { CommandContext } from '../../../../services/gateway/publication/index.ts'
import { openMemoryUserDirectory } from '../../../../shared/adapters/memory/user-directory.ts'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { type Claim, type EpochMs, subjectStream } from '../../../../shared/kernel/ids.ts'
import { aSub } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'
import { accountParts } from '../../../support/worlds/account-parts.ts'

const changes = ['created', 'enabled', 'disabled', 'deleted', 'password_changed'] as const

/** As several gateways whose clocks differ: each decides another commit for the one change. */
const gatewaysOf = (context: CommandContext, count: number, told: NewCommit[]) =>
  Array.from({ length: count }, (_, index) => {
    const now = (): EpochMs => (context.storeClock.now() + index) as EpochMs
    const storeClock = Object.assign(Object.create(context.storeClock), { now })
    const onAppended = (commit: NewCommit): void => void told.push(commit)
    return { ...context, storeClock, onAppended, request: `request-${index}` }
  })

claims('a change of an account that several gateways complete at once', {
  'is one commit, which all of them publish as the store has it, and one log line': () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...changes),
        fc.integer({ min: 2, max: 5 }),
        async (what, count) => {
          const parts = accountParts(openMemoryUserDirectory())
          const [sub, told] = [aSub(), [] as NewCommit[]]
          const pending = { claim: 'a-shared-claim' as Claim, what, above: -1 }
          const gateways = gatewaysOf(parts.context, count, told)
          const published = await Promise.all(
            gateways.map((context) => completeCutoff({ ...parts, context }, sub, pending)),
          )
          const stored = await parts.context.store.read(subjectStream(sub), 0, 10)
          assert.is(stored.length, 1)
          const asStored = published.map(({ at, request }) => ({ at, request }))
          const { at, request } = stored[0] as NewCommit
          assert.equal(asStored, Array(count).fill({ at, request }))
          assert.equal(
            told.map((one) => one.request),
            [request],
          )
        },
      ),
      { numRuns: 40 },
    ),
})
