import { isPublicAddress } from '../../../../services/gateway/ssf/streams/public-address.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import type { EpochMs, EpochSeconds } from '../../../../shared/kernel/ids.ts'
import { type KeyFiles, openKeyFiles } from '../../../../shared/tokens/key-rings/key-files.ts'
import { publishedJwks } from '../../../../shared/tokens/key-rings/public-jwks.ts'
import { parseJwks } from '../../../../shared/tokens/keys/parse-jwks.ts'
import {
  signLogoutToken,
  signSecurityEvent,
} from '../../../../shared/tokens/signing/sign-security-event.ts'
import { verifyAccess } from '../../../../shared/tokens/verification/verify-token.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

const withKeys = (work: (keys: KeyFiles, dir: string) => Promise<void>): Promise<void> =>
  inTempFolder('set-keys', async (dir) => work(await openKeyFiles({ dir, entropy }), dir))

const now = 1_790_000_000_000 as EpochMs
const iat = (now / 1000) as EpochSeconds
const exp = (iat + 60) as EpochSeconds
const shared = { iss: 'https://a', aud: 'https://a', iat, jti: 'j', events: {} }

claims('the keys that sign for receivers', {
  'are made when they are wanted, once, and found again': () =>
    withKeys(async (keys, dir) => {
      assert.is(keys.sets.current(), null)
      const other = await openKeyFiles({ dir, entropy })
      const [{ ringId, active }, second] = await Promise.all([
        keys.sets.ensure(),
        other.sets.ensure(),
      ])
      assert.is(active.alg, 'RS256')
      assert.is(second.ringId, ringId)
      assert.is((await openKeyFiles({ dir, entropy })).sets.current()?.ringId, ringId)
    }),

  'are shown, and no guard takes them for keys of access tokens': () =>
    withKeys(async (keys) => {
      const ring = await keys.sets.ensure()
      const shown = publishedJwks(keys.access, keys.sets, now)
      assert.ok(shown.keys.some(({ kid }) => kid === ring.active.kid))
      const parsed = parseJwks(JSON.stringify(shown))
      assert.ok(parsed.ok && parsed.keys.size === keys.access.keys.length)
      assert.is(parsed.ok && parsed.keys.has(ring.active.kid), false)
    }),

  'sign nothing that verifies as an access token, even for who knows them': () =>
    withKeys(async (keys) => {
      const ring = await keys.sets.ensure()
      const set = signSecurityEvent(ring, { ...shared, sub_id: {}, txn: 't' })
      const logout = signLogoutToken(ring, { ...shared, exp, sub: 'ann' })
      for (const token of [set, logout]) {
        for (const lookup of [keys.access, ring]) {
          const options = { keys: lookup, issuer: 'https://a', audience: 'https://a', now }
          assert.is(verifyAccess(token, { ...options, leewayMs: 0 }).ok, false)
        }
      }
    }),
})

claims('addresses that a stranger may name', {
  // asvs: 1.2.2, 1.3.6
  'are those of hosts on the Internet only': () => {
    for (const good of ['8.8.8.8', '1.1.1.1', '2606:4700::1111']) assert.ok(isPublicAddress(good))
    const bad = ['127.0.0.1', '10.0.0.1', '172.31.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0']
    const six = ['::1', '::', '::ffff:8.8.8.8', 'fe80::1', 'fc00::1', '2002:7f00:1::', '64:ff9b::1']
    const rest = ['100.64.0.1', '224.0.0.1', '255.255.255.255', 'localhost', '']
    for (const one of [...bad, ...six, ...rest]) assert.is(isPublicAddress(one), false, one)
  },
})
