import { bearerKinds } from '../../../../shared/tokens/claims.ts'
import {
  signAccess,
  signRefresh,
  signSliding,
} from '../../../../shared/tokens/signing/sign-token.ts'
import {
  accessClaims,
  accessHeader,
  accessRing,
  audience,
  es256,
  refreshClaims,
  refreshRing,
  slidingClaims,
} from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, verdictOf } from '../../../support/worlds/guarded.ts'

const access = signAccess(accessRing, accessClaims())
const slid = slidingClaims()
const sliding = signSliding(accessRing, slid)

claims('which tokens a guard accepts', {
  'access tokens alone, unless it is told otherwise': async () => {
    const { guard } = await freshGuard()
    assert.is(await verdictOf(guard, access), 'accepted')
    assert.is(await verdictOf(guard, sliding), 'refused: wrong_type')
  },

  // asvs: 9.2.2
  'sliding tokens where they are named, and refresh tokens never': async () => {
    const { guard, feed } = await freshGuard({ accept: bearerKinds })
    assert.is(await verdictOf(guard, access), 'accepted')
    assert.is(await verdictOf(guard, sliding), 'accepted')
    const refresh = signRefresh(refreshRing, refreshClaims())
    assert.is(await verdictOf(guard, refresh), 'refused: wrong_type')
    feed.revoke(`sid:${slid.sid}`)
    assert.is(await verdictOf(guard, sliding), 'refused: revoked')
    const { guard: strict } = await freshGuard({ accept: ['sliding'] })
    assert.is(await verdictOf(strict, access), 'refused: wrong_type')
  },

  'a token whose `typ` and `token_type` differ is of no kind': async () => {
    const { guard } = await freshGuard({ accept: bearerKinds })
    const mixed = [
      es256(accessHeader(), slidingClaims()),
      es256(accessHeader({ typ: 'sl+jwt' }), accessClaims()),
      es256(accessHeader({ typ: 'sl+jwt' }), slidingClaims({ refresh_exp: 'never' })),
    ]
    for (const token of mixed) assert.is(await verdictOf(guard, token), 'refused: invalid')
  },

  // asvs: 10.3.1
  'any audience in common will do, of a token with several and of a guard with several':
    async () => {
      const many = signAccess(accessRing, accessClaims({ aud: ['other', audience] }))
      const { guard } = await freshGuard()
      assert.is(await verdictOf(guard, many), 'accepted')
      const { guard: plural } = await freshGuard({ audience: ['third', 'other'] })
      assert.is(await verdictOf(plural, many), 'accepted')
      assert.is(await verdictOf(plural, access), 'refused: invalid')
      const foreign = signAccess(accessRing, accessClaims({ aud: ['other', 'third'] }))
      assert.is(await verdictOf(guard, foreign), 'refused: invalid')
    },
})
