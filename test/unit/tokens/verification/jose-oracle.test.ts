import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { algorithms } from '../../../../shared/tokens/keys/algorithms.ts'
import { parseForeignJwks } from '../../../../shared/tokens/keys/parse-jwks.ts'
import { verifyForeign } from '../../../../shared/tokens/verification/verify-foreign-token.ts'
import { instant } from '../../../support/fakes/sample-tokens.ts'
import { foreignReasons, reasonsFor } from '../../../support/kafka/foreign-reasons.ts'
import { projectRoot } from '../../../support/project-files.ts'
import { assert, claims } from '../../../support/suite.ts'
import {
  firstKid,
  firstSet,
  otherAudience,
  otherName,
  otherToken,
} from '../../../support/worlds/other-issuer.ts'

const seed = 20_261_129
const seconds = instant / 1_000
const ours = parseForeignJwks(firstSet)
const theirs = createLocalJWKSet(JSON.parse(firstSet) as JSONWebKeySet)

type Members = Readonly<Record<string, unknown>>
type Drawn = Readonly<{
  over: Members
  header: Members
  now: number
  spoiled: readonly [number, string]
}>

const curfewTakes = (token: string, now: number): boolean => {
  if (!ours.ok) throw new Error(ours.problem)
  const trust = { issuer: otherName, audience: otherAudience, leewayMs: 0, lifeMsMax: 3_600_000 }
  return verifyForeign(token, { ...trust, keys: ours.keys, now: now as EpochMs }).ok
}

/** By whole seconds, as `jose` reads the clock. */
const joseTakes = (token: string, now: number): Promise<boolean> =>
  jwtVerify(token, theirs, {
    issuer: otherName,
    audience: otherAudience,
    algorithms: [...algorithms],
    currentDate: new Date(now),
    requiredClaims: ['iat', 'exp', 'sub'],
  }).then(
    () => true,
    () => false,
  )

const near = fc.oneof(
  fc.integer({ min: -700, max: 700 }),
  fc.integer({ min: -70, max: 70 }),
  fc.constantFrom(-600, -1, 0, 1, 600),
  fc.double({ min: -3, max: 3, noNaN: true }),
)
const time = near.map((offset) => seconds + offset)
const odd = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(1e300, -1, '', null, true))
const text = fc.oneof(fc.string(), fc.constantFrom('idp|42', 'a b', '~'.repeat(255)))
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { nil: undefined, freq: 1 })

const over = fc.record({
  iat: sometimes(fc.oneof(time, odd)),
  exp: sometimes(fc.oneof(time, odd)),
  nbf: sometimes(fc.oneof({ weight: 3, arbitrary: time }, { weight: 1, arbitrary: odd })),
  sub: sometimes(fc.oneof(text, odd)),
  aud: sometimes(fc.oneof(fc.constantFrom(otherAudience, [otherAudience], [], ['x'], 'x'), odd)),
  iss: sometimes(fc.oneof(fc.constantFrom(otherName, 'https://idp.example'), odd)),
  jti: sometimes(odd),
  roles: sometimes(fc.oneof(text, fc.array(text), odd)),
  typ: sometimes(fc.oneof(fc.constantFrom('Bearer', 'ID'), odd)),
  nonce: sometimes(odd),
  user_id: sometimes(odd),
})
const header = fc.record({
  alg: sometimes(fc.constantFrom('ES256', 'none', 'HS256', 'ES384', 'es256')),
  typ: sometimes(fc.oneof(fc.constantFrom('at+jwt', 'JWT', 'logout+jwt'), odd)),
  kid: sometimes(fc.oneof(fc.constantFrom(firstKid, 'other'), odd)),
  crit: sometimes(fc.oneof(fc.constantFrom(['exp'], ['b64'], []), odd)),
  b64: sometimes(fc.constantFrom(true, false)),
  nonce: sometimes(odd),
  jwk: sometimes(odd),
})
const given = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const oneTime = fc
  .tuple(fc.constantFrom('iat', 'exp', 'nbf'), time)
  .map(([name, at]): Members => ({ [name]: at }))

const few = fc.record({
  // Most draws change a member or two, else everything would be refused at the first look.
  over: fc.oneof(oneTime, fc.constant({}), over.map(given), fc.tuple(over, fc.nat(10)).map(pick)),
  header: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.tuple(header, fc.nat(10)).map(pick) },
  ),
  now: fc.oneof(
    fc.constant(instant),
    fc.integer({ min: -700, max: 700 }).map((s) => instant + s * 1_000),
  ),
  spoiled: fc.oneof(
    { weight: 4, arbitrary: fc.constant([0, ''] as const) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(800), fc.constantFrom('.', 'A', '=', ' ', '-', '\n', 'é')),
    },
  ),
})

function pick([members, index]: readonly [Members, number]): Members {
  const [name, value] = Object.entries(members)[index % Object.keys(members).length] ?? ['x', 1]
  return value === undefined ? {} : { [name]: value }
}

const tokenOf = ({ over: claimed, header: shown, spoiled: [at, put] }: Drawn): string => {
  const token = otherToken(instant, claimed, { typ: 'JWT', ...shown })
  return put === '' ? token : `${token.slice(0, at)}${put}${token.slice(at + 1)}`
}

claims('jose, as a second opinion', {
  'what jose refuses of another issuer, Curfew refuses; for the rest it has a reason': async () => {
    let both = 0
    let joseAlone = 0
    const holds = fc.asyncProperty(few, async (drawn) => {
      const token = tokenOf(drawn)
      const [curfew, jose] = [curfewTakes(token, drawn.now), await joseTakes(token, drawn.now)]
      both += curfew && jose ? 1 : 0
      assert.is(curfew && !jose, false, `jose refuses it, ${JSON.stringify(drawn)}`)
      if (!jose || curfew) return
      joseAlone += 1
      const reasons = reasonsFor(token, drawn.now)
      assert.ok(reasons.length > 0, `Curfew refuses it for nothing, ${JSON.stringify(drawn)}`)
    })
    await fc.assert(holds, { seed, numRuns: 2_500 })
    // The draws meet all sorts: an oracle that always says no would prove nothing.
    assert.ok(both > 300 && joseAlone > 100, `${both} by both, ${joseAlone} by jose alone`)
  },

  'each reason stands in docs/doors.md': () => {
    const page = readFileSync(join(projectRoot, 'docs/doors.md'), 'utf8')
    for (const name of Object.keys(foreignReasons)) assert.ok(page.includes(`\n| ${name} `), name)
  },
})
