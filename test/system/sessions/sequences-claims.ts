import fc from 'fast-check'
import { type Actual, SessionDriver } from '../../support/fakes/session-driver.ts'
import { type Expected, SessionModel } from '../../support/fakes/session-model.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { openWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import type { OpenBacking } from '../../support/worlds/world-backing.ts'

const second = 1_000
const policy = {
  accessLifetimeMs: 60 * second,
  refreshLifetimeMs: 300 * second,
  slidingLifetimeMs: 60 * second,
  slidingRefreshLifetimeMs: 150 * second,
  sessionMaxLifetimeMs: 600 * second,
}
const env = (graceMs: number) => ({
  CURFEW_ACCESS_TOKEN_LIFETIME: '60s',
  CURFEW_REFRESH_TOKEN_LIFETIME: '300s',
  CURFEW_SLIDING_TOKEN_LIFETIME: '60s',
  CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME: '150s',
  CURFEW_SESSION_MAX_LIFETIME: '600s',
  CURFEW_REFRESH_GRACE_PERIOD: `${graceMs}ms`,
})

const byToken = ['refresh', 'slide', 'verify', 'blacklist', 'logout'] as const
type ByToken = (typeof byToken)[number]
type Step =
  | Readonly<{ do: 'login'; kind: 'pair' | 'sliding'; good: boolean }>
  /** The token is counted from the newest one, so that most steps meet a session's present. */
  | Readonly<{ do: ByToken; back: number }>
  | Readonly<{ do: 'changePassword' }>
  | Readonly<{ do: 'setActive'; active: boolean }>
  | Readonly<{ do: 'advance'; ms: number }>

const back = fc.oneof(fc.nat(2), fc.nat(2), fc.nat(20))
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('login' as const),
        kind: fc.constantFrom('pair' as const, 'sliding' as const),
        good: fc.oneof(fc.constant(true), fc.constant(true), fc.boolean()),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('refresh' as const), back }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom<ByToken>('slide', 'verify', 'verify'), back }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom<ByToken>('blacklist', 'logout'), back }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Step>(
        { do: 'changePassword' },
        { do: 'setActive', active: false },
        { do: 'setActive', active: true },
      ),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('advance' as const),
        ms: fc.constantFrom(1, 999, 9_999, 10_000, 45_000, 59_000, 140_000, 299_999),
      }),
    },
  ),
  { minLength: 3, maxLength: 12 },
)

const expectedOf = (model: SessionModel, step: Step): Expected | null => {
  switch (step.do) {
    case 'login':
      return model.login(step.kind, step.good)
    case 'changePassword':
      return model.changePassword()
    case 'setActive':
      return model.setActive(step.active)
    case 'advance':
      model.now += step.ms
      return null
    default: {
      const token = model.tokens.at(-1 - step.back)
      return token ? model[step.do](token) : null
    }
  }
}

const actualOf = (driver: SessionDriver, tokens: string[], step: Step): Promise<Actual> | null => {
  switch (step.do) {
    case 'login':
      return driver.login(step.kind, step.good)
    case 'changePassword':
      return driver.changePassword()
    case 'setActive':
      return driver.setActive(step.active)
    case 'advance':
      driver.now += step.ms
      return null
    default: {
      const token = tokens.at(-1 - step.back)
      return token === undefined ? null : driver[step.do](token)
    }
  }
}

const expOf = (token: string): number => (payloadOf(token) as unknown as { exp: number }).exp

/**
 * Runs one sequence on a user of its own, who is deleted at its end or not.
 * @throws at the first answer that the model refuses.
 */
const play = async (
  world: World,
  graceMs: number,
  [given, deleted]: readonly [readonly Step[], boolean],
): Promise<void> => {
  const password = 'correct horse'
  const now = world.clock.now()
  const model = new SessionModel({ ...policy, graceMs }, now)
  const driver = new SessionDriver(world, await world.addUser(password), password, now)
  const tokens: string[] = []
  for (const [index, step] of given.entries()) {
    // The driver first: it looks the token up in the list that the model is about to extend.
    const actual = await actualOf(driver, tokens, step)
    const expected = expectedOf(model, step)
    const at = `step ${index} ${JSON.stringify(step)}`
    assert.is(actual?.outcome, expected?.outcome, `${at}: ${actual?.outcome}`)
    tokens.push(...(actual?.issued ?? []))
    const ends = (actual?.issued ?? []).map(expOf)
    assert.equal(ends, expected?.issued.map(({ exp }) => exp) ?? [], `${at}: other ends`)
  }
  if (deleted) {
    await driver.deleteUser()
    model.deleteUser()
    assert.is((await driver.login('pair', true)).outcome, model.login('pair', true).outcome)
  }
  for (const [index, token] of model.tokens.entries()) {
    const { outcome } = await driver.verify(tokens[index] ?? '')
    assert.is(outcome, model.verify(token).outcome, `at the end, token ${index}`)
  }
}

const lanes = 8

/** What the sequences find: `''`, or the shortest one that the gateway answers otherwise. */
export const sequences = async (
  options: WorldOptions,
  { graceMs, runs, seed }: Readonly<{ graceMs: number; runs: number; seed?: number }>,
): Promise<string> => {
  const world = await openWorld({ ...options, env: env(graceMs) })
  const property = fc.asyncProperty(steps, fc.boolean(), (...drawn) => play(world, graceMs, drawn))
  try {
    const outcomes = await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        fc.check(property, {
          numRuns: Math.ceil(runs / lanes),
          // A mutant is only to be caught, not explained.
          ...(seed === undefined ? {} : { seed: seed + lane, endOnFailure: true }),
        }),
      ),
    )
    const failed = outcomes.find((one) => one.failed)
    return failed ? (fc.defaultReportMessage(failed) ?? 'failed') : ''
  } finally {
    await world.close()
  }
}

/** Half of `runs` with a grace, half without; in slices that a slow server ends in time. */
export const sequenceClaims = (
  name: string,
  backing: OpenBacking,
  { runs, slice }: Readonly<{ runs: number; slice: number }>,
): void => {
  const count = Math.ceil(runs / 2 / slice)
  const slices = Array.from({ length: count }, (_, index) => index + 1)
  const proofs = [10_000, 0].flatMap((graceMs) =>
    slices.map((index) => {
      const sentence = `with a grace of ${graceMs} ms, ${slice} sequences, ${index} of ${count}`
      const prove = async (): Promise<void> =>
        assert.is(await sequences({ backing }, { graceMs, runs: slice }), '')
      return [sentence, prove] as const
    }),
  )
  claims(`sessions answer as the model says, on ${name}`, Object.fromEntries(proofs))
}
