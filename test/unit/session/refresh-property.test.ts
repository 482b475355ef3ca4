import fc from 'fast-check'
import { isSliding } from '../../../shared/events/commit.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import { decideRefresh } from '../../../shared/session/decide-refresh.ts'
import { isLivePair } from '../../../shared/session/end-session.ts'
import { rotation } from '../../../shared/session/rotation.ts'
import { assert, claims } from '../../support/suite.ts'
import { type Decide, RefreshModel, type Step } from './refresh-model.ts'
import { policyWith } from './session-builders.ts'

/** Half of all presented tokens are the current one, or no session would get far. */
const whichToken = fc.oneof(fc.constant(0), fc.nat(14))
const steps = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'login' }) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('refresh' as const),
        session: fc.nat(2),
        token: whichToken,
        waitMs: fc.constantFrom(0, 1, 300, 4_000, 12_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('burst' as const),
        session: fc.nat(2),
        count: fc.integer({ min: 2, max: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('refresh_lost' as const),
        session: fc.nat(2),
        ahead: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('logout' as const), session: fc.nat(2) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('cutoff' as const),
        of: fc.constantFrom('sub', 'client', 'all'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('advance' as const),
        ms: fc.constantFrom(1, 500, 5_000, 9_999, 10_000, 60_000),
      }),
    },
  ),
  { minLength: 4, maxLength: 60 },
)

type Found = Readonly<{ failed: boolean; counterexample: string }>

const policies = { grace: policyWith(), strict: policyWith({ graceMs: 0 }) }
type Mode = keyof typeof policies

/** Runs of random steps, always the same ones; the shortest run that breaks a rule, if any does. */
const search = (decide: Decide, mode: Mode, numRuns: number): Found => {
  const holds = fc.property(steps, (run) => {
    const model = new RefreshModel(decide, policies[mode])
    model.take({ do: 'login' })
    for (const step of run) model.take(step)
    if (model.violations.length > 0) throw new Error(model.violations.join('; '))
  })
  const { failed, counterexample, errorInstance } = fc.check(holds, { seed: 7, numRuns })
  return { failed, counterexample: `${errorInstance} after ${JSON.stringify(counterexample)}` }
}

const live = (newest: Parameters<Decide>[0]) => {
  if (!isLivePair(newest)) throw new Error('no live session')
  return newest
}

type Broken = Readonly<{ decide: Decide; mode?: Mode }>
/** Each is a rule left out, as somebody who simplifies would. */
const broken: Readonly<Record<string, Broken>> = {
  'the grace is judged when it is decided, not at the arrival': {
    decide: (newest, cutoffs, request, policy) =>
      decideRefresh(newest, cutoffs, { ...request, arrival: request.now }, policy),
  },
  'the successor is answered again although it was used': {
    decide: (newest, ...rest) => {
      const decision = decideRefresh(newest, ...rest)
      return decision.decide === 'superseded'
        ? { decide: 'replay', session: live(newest).session }
        : decision
    },
  },
  'the cutoffs are not read': {
    decide: (newest, _, request, policy) => decideRefresh(newest, noCutoffs, request, policy),
  },
  'one of the cutoffs is not compared': {
    decide: (newest, cutoffs, request, policy) =>
      decideRefresh(newest, { ...cutoffs, client: -1 }, request, policy),
  },
  'reuse within the grace ends the session': {
    decide: (newest, cutoffs, request, policy) => {
      const decision = decideRefresh(newest, cutoffs, request, policy)
      if (decision.decide !== 'superseded') return decision
      return decideRefresh(newest, cutoffs, request, { ...policy, graceMs: 0 })
    },
  },
  'the grace never ends': {
    decide: (newest, cutoffs, request, policy) =>
      decideRefresh(newest, cutoffs, request, { ...policy, graceMs: 3_600_000 }),
  },
  'there is a grace in strict mode': {
    mode: 'strict',
    decide: (newest, cutoffs, request, policy) =>
      decideRefresh(newest, cutoffs, request, { ...policy, graceMs: 1 }),
  },
  'a loser within the grace gets a successor of its own': {
    decide: (newest, cutoffs, request, policy) => {
      const decision = decideRefresh(newest, cutoffs, request, policy)
      if (decision.decide !== 'replay') return decision
      return { decide: 'insert', rotated: true, commit: rotation(live(newest), request, policy) }
    },
  },
  'a session that has ended refreshes': {
    decide: (newest, ...rest) => {
      const revived =
        newest?.session && !isSliding(newest.session)
          ? { ...newest, session: { ...newest.session, status: 'live' as const } }
          : newest
      return decideRefresh(revived, ...rest)
    },
  },
  'a token that is not in the stream is inserted': {
    decide: (newest, cutoffs, request, policy) => {
      const decision = decideRefresh(newest, cutoffs, request, policy)
      if (decision.decide !== 'refused' || decision.why !== 'unknown') return decision
      return { decide: 'insert', rotated: true, commit: rotation(live(newest), request, policy) }
    },
  },
  'what the commit does not carry counts as reuse, without a look-up': {
    decide: (newest, cutoffs, request, policy) =>
      decideRefresh(newest, cutoffs, { replacedAt: null, ...request }, policy),
  },
  'what was looked up counts as within the grace': {
    decide: (newest, cutoffs, request, policy) => {
      const replacedAt = request.arrival as EpochMs
      return decideRefresh(newest, cutoffs, { ...request, replacedAt }, policy)
    },
  },
  'a refresh takes the newest cutoffs for its epoch': {
    decide: (newest, cutoffs, request, policy) => {
      const born = newest?.session
        ? { ...newest, session: { ...newest.session, epoch: cutoffs } }
        : newest
      return decideRefresh(born, cutoffs, request, policy)
    },
  },
  'a commit expires with its own request': {
    decide: (...args) => {
      const decision = decideRefresh(...args)
      if (decision.decide !== 'insert') return decision
      return { ...decision, commit: { ...decision.commit, expiresAt: decision.commit.at } }
    },
  },
}

const good = (mode: Mode) => (): void => {
  const { failed, counterexample } = search(decideRefresh, mode, 1_500)
  assert.is(failed, false, counterexample)
}

claims('random lives of sessions', {
  'with a grace, every decision is the one that I1, I2 and I4 ask for': good('grace'),
  'with grace 0 too: never two successors, never a replay': good('strict'),
})

claims(
  'the property goes red when',
  Object.fromEntries(
    Object.entries(broken).map(([name, { decide, mode = 'grace' }]) => [
      name,
      () => assert.is(search(decide, mode, 4_000).failed, true),
    ]),
  ),
)
