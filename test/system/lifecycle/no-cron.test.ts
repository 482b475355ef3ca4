import { replacing } from '../../support/fakes/faulty-stores.ts'
import { rates, virtualMonth } from '../../support/fakes/virtual-month.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  type OpenSized,
  type Sizes,
  sizedLmdb,
  sizedMemory,
} from '../../support/worlds/sized-backing.ts'

const { loginsADay, refreshesADay, logoutsADay, failuresADay, cutoffsADay, refreshDays } = rates

/**
 * Rate × lifetime, with a day of slack for what is forgotten late. A session's commits are kept a
 * day longer than its last token, the newest two of them; a failed login is kept a day; the view
 * has each refresh token that ended until its `exp`; the log of revocations has a day.
 */
const bound: Sizes = {
  commits: loginsADay * 2 * (refreshDays + 2) + failuresADay * 2,
  view: (refreshesADay + logoutsADay) * (refreshDays + 1),
  limits: 3 * (failuresADay + loginsADay),
  log: (logoutsADay + cutoffsADay) * 2 + 24,
}

/** Streams of cutoffs never expire, since a guard may hear of one late: those few are left out. */
const withoutCutoffs = (days: readonly Sizes[]): readonly Sizes[] =>
  days.map((day, index) => ({ ...day, commits: day.commits - (index + 1) * cutoffsADay }))

const names = Object.keys(bound) as (keyof Sizes)[]
const beyond = (days: readonly Sizes[]): string[] =>
  days.flatMap((day, index) =>
    names.filter((name) => day[name] > bound[name]).map((name) => `${name} on day ${index + 1}`),
  )

const staysBounded = async (open: OpenSized): Promise<void> => {
  const days = withoutCutoffs(await virtualMonth({ days: 30, open }))
  assert.is(days.length, 30)
  assert.equal(beyond(days), [])
  for (const name of names) {
    const sizes = days.slice(4).map((day) => day[name])
    const growth = Math.max(...sizes.slice(-5)) - Math.max(...sizes.slice(0, 5))
    assert.ok(growth <= 2, `${name} grows: ${sizes.join(' ')}`)
  }
  // It is life that is measured, not an empty store.
  assert.ok((days[29]?.commits ?? 0) > loginsADay * 2 && (days[29]?.view ?? 0) > refreshesADay)
}

claims('30 days without a cron job, by a virtual clock', {
  // asvs: 14.2.4
  'nothing on LMDB outgrows rate × lifetime': () => staysBounded(sizedLmdb),
  'nothing in memory outgrows rate × lifetime': () => staysBounded(sizedMemory),

  'a store that nobody prunes is noticed': async () => {
    const days = await virtualMonth({
      days: 12,
      open: sizedMemory,
      wrap: (ports) => ({ ...ports, store: replacing(ports.store, { prune: async () => 0 }) }),
    })
    assert.ok(beyond(withoutCutoffs(days)).includes('commits on day 12'))
  },

  'a view that nobody sweeps is noticed': async () => {
    const days = await virtualMonth({
      days: 12,
      open: sizedMemory,
      wrapView: (view) => replacing(view, { sweep: async () => 0 }),
    })
    assert.ok(beyond(days).includes('view on day 12'))
  },
})
