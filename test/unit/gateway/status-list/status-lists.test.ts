import { StoreClock } from '../../../../services/gateway/publication/store-clock.ts'
import { StatusLists } from '../../../../services/gateway/status-list/status-lists.ts'
import type { StatusListEntry } from '../../../../shared/events/status-list-entry.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { listNameText, windowEnd } from '../../../../shared/session/status-list-index.ts'
import { aClient, aJti, aSid, aSub, noon, noonSeconds } from '../../../support/fakes/builders.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'
import { sharedKeys } from '../../../support/worlds/ssf-desk.ts'

const aToken = (idx: number): StatusListEntry => ({
  id: { s: 's/one', v: idx },
  idx,
  jti: aJti(),
  sid: aSid(),
  sub: aSub(),
  client: aClient,
  epoch: { sub: -1, client: -1, all: -1 },
})
const aPage = Array.from({ length: 1_000 }, (_, idx) => aToken(idx))
const aName = (index: number): string => {
  const shard = index.toString(16).padStart(16, '0')
  return listNameText({ until: windowEnd(noonSeconds), all: -1, shard })
}

claims('Builds of status lists', {
  // asvs: 15.2.2
  'asked for all at once, few run, some wait, and the others are told to come back': async () => {
    const clock = fakeClock(noon)
    const storeClock = new StoreClock(clock)
    storeClock.observe(noon, 0, 0)
    const seen = { reading: 0, most: 0 }
    let open: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const lists = new StatusLists({
      store: {
        listAfter: async () => null,
        listed: async (name, after) => {
          if (name === aName(0)) return []
          if (after === null) return aPage
          seen.reading += 1
          seen.most = Math.max(seen.most, seen.reading)
          await gate
          seen.reading -= 1
          return []
        },
        standingEnds: async function* () {},
      },
      storeClock,
      clock,
      keys: (await sharedKeys()).access,
      address: 'https://auth.example/status-lists',
      ttlMs: 15_000,
      deadlineMs: 5_000,
    })
    const asked = Array.from({ length: 100 }, (_, index) =>
      lists.list(aName(index + 1), null).catch((error: unknown) => error),
    )
    await until('some are built', () => seen.reading > 0)
    const isRefused = (answer: unknown): boolean => isAuthError(answer, 'OVERLOADED')
    // Of a list that nobody is in, it is told at once.
    assert.is(await lists.list(aName(0), null), null)
    open()
    const answers = await Promise.all(asked)
    assert.equal([seen.most, answers.filter(isRefused).length], [4, 32])
    assert.ok(answers.every((answer) => isRefused(answer) || typeof answer === 'object'))
    assert.ok(await lists.list(aName(100), null))
  },
})
