import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import jwt from 'jsonwebtoken'
import { gatewayFields } from '../../../../services/gateway/config.ts'
import { type ClaimsHook, loadClaimsHook } from '../../../../services/gateway/tokens/claims-hook.ts'
import { systemClock } from '../../../../shared/kernel/clock.ts'
import { readConfig } from '../../../../shared/kernel/config.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { clientId, subjectId } from '../../../../shared/kernel/ids.ts'
import { parseJwt, payloadDepthMax } from '../../../../shared/tokens/verification/parse-jwt.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

const request = {
  user: { sub: subjectId('u-1'), id: '1', username: 'alice', roles: [] },
  client: clientId('curfew'),
  on: 'login',
  kind: 'pair',
  previous: null,
} as const

/** A hook that answers what the test says next. */
const withHook = (
  prove: (hook: ClaimsHook, answer: (json: string) => void) => Promise<void>,
): Promise<void> =>
  inTempFolder('hook-answers', async (dir) => {
    const path = join(dir, 'claims.mjs')
    await writeFile(
      path,
      `export let next = '{}'
       process.on('curfew-test-answer', (json) => { next = json })
       export const claims = () => JSON.parse(next)`,
    )
    const names = readConfig(gatewayFields, {})
    const hook = await loadClaimsHook(path, { clock: systemClock, timeoutMs: 1_000, names })
    await prove(hook, (json) => void process.emit('curfew-test-answer' as never, json as never))
  })

const outcomeOf = (hook: ClaimsHook): Promise<string> =>
  hook.claims(request).then(
    (told) => JSON.stringify(told),
    (error: unknown) => (isAuthError(error) ? error.code : String(error)),
  )

/** Signed as the gateway signs it, and read as every guard reads it. */
const isCarried = (told: string): boolean => {
  const header = { alg: 'HS256', typ: 'at+jwt', kid: 'k'.repeat(43) } as const
  const custom = JSON.parse(told) as object
  const signed = jwt.sign({ ...custom, iat: 1, exp: 2 }, 's'.repeat(32), { header })
  const read = parseJwt(signed)
  return read.ok && JSON.stringify(read.payload).includes(told.slice(1, -1))
}

const inherited = [...Object.getOwnPropertyNames(Object.prototype), 'prototype']
const name = fc.oneof(
  fc.constantFrom(...inherited, 'sub', 'exp', 'nbf', 'user_id', 'roles', 'tenant', 'a b', ''),
  fc.string({ maxLength: 6 }),
)
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 0 }),
    fc.array(tie('value'), { maxLength: 2 }),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 2 })
      .map((members) => Object.fromEntries(members)),
  ),
})).value
const answer = fc
  .array(fc.tuple(name, tree), { maxLength: 3 })
  .map((members) => JSON.stringify(Object.fromEntries(members)))

claims('what a claims hook answers', {
  'is in a token that every guard reads, or refused with the hook’s code': () =>
    withHook(async (hook, next) => {
      const seen = { told: 0, refused: 0 }
      await fc.assert(
        fc.asyncProperty(answer, async (json) => {
          next(json)
          const outcome = await outcomeOf(hook)
          const isRefused = ['CLAIMS_UNAVAILABLE', 'CLAIMS_TOO_LARGE'].includes(outcome)
          assert.ok(isRefused || isCarried(outcome), `${json} -> ${outcome}`)
          seen[isRefused ? 'refused' : 'told'] += 1
        }),
        { numRuns: 600 },
      )
      assert.ok(seen.told > 50 && seen.refused > 50, JSON.stringify(seen))
    }),

  // asvs: 15.3.6
  'is refused for a name that no claim can have, wherever it stands': () =>
    withHook(async (hook, next) => {
      for (const one of inherited.filter((each) => each !== 'prototype')) {
        next(`{${JSON.stringify(one)}:1}`)
        assert.is(await outcomeOf(hook), 'CLAIMS_UNAVAILABLE', one)
      }
      for (const one of ['__proto__', 'constructor', 'prototype']) {
        for (const json of [`{"a":{"${one}":1}}`, `{"a":[[{"${one}":{}}]]}`, `{"${one}":{}}`]) {
          next(json)
          assert.is(await outcomeOf(hook), 'CLAIMS_UNAVAILABLE', json)
        }
      }
      next('{"a":{"toString":1,"valueOf":2}}')
      assert.ok(isCarried(await outcomeOf(hook)), 'harmless below the top')
    }),

  'nests as deep as tokens do, and is as large as promised': () =>
    withHook(async (hook, next) => {
      const nested = (depth: number): string =>
        `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
      next(nested(payloadDepthMax))
      assert.ok(isCarried(await outcomeOf(hook)))
      next(nested(payloadDepthMax + 1))
      assert.is(await outcomeOf(hook), 'CLAIMS_UNAVAILABLE')
      const sized = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`
      next(sized(1_024))
      assert.ok(isCarried(await outcomeOf(hook)))
      next(sized(1_025))
      assert.is(await outcomeOf(hook), 'CLAIMS_TOO_LARGE')
    }),
})

claims('settings that name claims', {
  'take no name that no claim can have': () => {
    for (const variable of [
      'CURFEW_USER_ID_CLAIM',
      'CURFEW_TOKEN_TYPE_CLAIM',
      'CURFEW_JTI_CLAIM',
      'CURFEW_SLIDING_TOKEN_REFRESH_EXP_CLAIM',
      'CURFEW_REVOKE_TOKEN_CLAIM',
    ]) {
      for (const given of ['constructor', 'prototype', '__proto__', 'toString']) {
        assert.throws(
          () => readConfig(gatewayFields, { [variable]: given }),
          (error: Error) => error.message.includes(variable),
          `${variable}=${given}`,
        )
      }
    }
  },
})
