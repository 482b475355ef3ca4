import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import {
  openAccessKeys,
  type SigningSettings,
} from '../../../../shared/tokens/configured-keys/access-keys.ts'
import {
  readSigningKey,
  readVerifyingKeys,
} from '../../../../shared/tokens/configured-keys/read-configured-keys.ts'
import {
  createRing,
  publicJwk,
  replaceNext,
  rotateRing,
} from '../../../../shared/tokens/key-rings/key-ring.ts'
import { serializeRing } from '../../../../shared/tokens/key-rings/key-ring-json.ts'
import { publicJwks } from '../../../../shared/tokens/key-rings/public-jwks.ts'
import { algorithms } from '../../../../shared/tokens/keys/algorithms.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { hmacSecret, otherEs256, pairFor, weakRsa } from '../../../support/fakes/premade-keys.ts'
import {
  accessClaims,
  accessRing,
  instant,
  judgedAccess,
} from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

const entropy = seededEntropy('given keys')
const none: SigningSettings = {
  algorithm: null,
  signingKey: null,
  signingKeyFile: null,
  verifyingKey: null,
  verifyingKeyFile: null,
}
const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work()
  } catch (error) {
    if (isAuthError(error, 'KEYS_INVALID')) return error.message
    throw error
  }
  return 'it was accepted'
}

claims('a signing key from elsewhere', {
  'fits its algorithm, or without one names it': () => {
    for (const alg of algorithms) {
      const { privateKey } = pairFor(alg)
      assert.is(readSigningKey(privateKey, alg).alg, alg)
      assert.is(readSigningKey(privateKey.replaceAll('\n', '\\n'), alg).alg, alg)
    }
    assert.is(readSigningKey(pairFor('ES384').privateKey, null).alg, 'ES384')
    assert.is(readSigningKey(pairFor('PS512').privateKey, null).alg, 'RS256')
  },

  // asvs: 11.6.1
  'is refused when it is weak, of another kind, or no key; and is never shown': async () => {
    const django = `django-insecure-${'k3y'.repeat(20)}`
    const cases: [string, Parameters<typeof readSigningKey>[1], RegExp][] = [
      [weakRsa.privateKey, 'RS256', /2048 bits/],
      [pairFor('ES256').privateKey, 'RS256', /does not fit RS256/],
      [pairFor('ES256').privateKey, 'ES384', /does not fit ES384/],
      [pairFor('RS256').privateKey, 'ES256', /does not fit ES256/],
      [pairFor('ES256').publicKey, 'ES256', /no private key/],
      [pairFor('ES256').privateKey, 'HS256', /is a PEM, and HS256 takes a secret/],
      [pairFor('RS256').publicKey, 'HS256', /is a PEM/],
      [hmacSecret, 'ES256', /no PEM private key/],
      [hmacSecret, null, /CURFEW_ALGORITHM=HS256/],
      ['short-secret', 'HS256', /32 bytes or more/],
      [hmacSecret.slice(0, 40), 'HS512', /64 bytes or more/],
      ['abab'.repeat(20), 'HS256', /repeats/],
      [django, 'HS256', /placeholder/],
      ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'ES256', /no private key/],
      ['-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA', 'ES256', /encrypted/],
    ]
    for (const [text, alg, problem] of cases) {
      const message = await refusal(() => readSigningKey(text, alg))
      assert.match(message, problem)
      assert.not.ok(text.length > 12 && message.includes(text.slice(-12)), message)
    }
  },

  'signs instead of the ring, whose keys stay accepted; the key set shows all of them':
    async () => {
      const before = signAccess(accessRing, accessClaims())
      const settings = { ...none, signingKey: pairFor('RS256').privateKey }
      const keys = await openAccessKeys(accessRing, settings)
      assert.is(keys.active.alg, 'RS256')
      const after = signAccess(keys, accessClaims())
      for (const token of [before, after]) assert.is(judgedAccess(token, { keys }), 'ok')
      assert.is(judgedAccess(after), 'unknown_key')
      const shown = publicJwks(keys, instant).keys.map(({ kid }) => kid)
      assert.equal(shown.sort(), [keys.active.kid, ...accessRing.keys.map(({ kid }) => kid)].sort())
    },

  'from a file must be private, and is given once': () =>
    inTempFolder('given', async (dir) => {
      const file = join(dir, 'key.pem')
      await writeFile(file, pairFor('ES256').privateKey, { mode: 0o600 })
      const settings = { ...none, signingKeyFile: file }
      assert.is((await openAccessKeys(accessRing, settings)).active.alg, 'ES256')
      const both = { ...settings, signingKey: hmacSecret }
      assert.match(await refusal(() => openAccessKeys(accessRing, both)), /are both given/)
      await chmod(file, 0o644)
      const open = await refusal(() => openAccessKeys(accessRing, settings))
      assert.match(open, `chmod 600 ${file}`)
      const absent = { ...none, signingKeyFile: join(dir, 'absent') }
      assert.match(await refusal(() => openAccessKeys(accessRing, absent)), /cannot be read/)
    }),
})

claims('verifying keys from elsewhere', {
  'are PEM, a key set, a ring file, or a secret': () => {
    const pems = pairFor('ES256').publicKey + pairFor('RS256').publicKey
    assert.equal(
      readVerifyingKeys(pems, 'PS384').map(({ alg }) => alg),
      ['ES256', 'PS384'],
    )
    const jwks = JSON.stringify(publicJwks(accessRing, instant))
    assert.equal(
      readVerifyingKeys(jwks, null).map(({ kid }) => kid),
      accessRing.keys.map(({ kid }) => kid),
    )
    const hmac = createRing('access', { alg: 'HS384', entropy })
    const fromRing = readVerifyingKeys(serializeRing(hmac), null)
    assert.equal(
      fromRing.map(({ kid, alg }) => [kid, alg]),
      hmac.keys.map(({ kid, alg }) => [kid, alg]),
    )
    const [secret] = readVerifyingKeys(hmacSecret, 'HS512')
    assert.is(secret?.kid, readSigningKey(hmacSecret, 'HS512').kid)
    const oct = {
      kty: 'oct',
      k: Buffer.alloc(32, 'x').toString('base64url'),
      kid: 'o',
      alg: 'HS256',
    }
    assert.is(readVerifyingKeys(JSON.stringify({ keys: [oct] }), null)[0]?.alg, 'HS256')
  },

  'are refused when they are private, weak or nothing': async () => {
    const jwk = { ...publicJwk(accessRing.active.key), kid: 'a', alg: 'ES256', d: 'secret-scalar' }
    const cases: [string, RegExp][] = [
      [pairFor('ES256').privateKey, /private key/],
      [weakRsa.publicKey, /2048 bits/],
      [hmacSecret, /neither PEM nor a key set/],
      [JSON.stringify({ keys: [jwk] }), /private or symmetric/],
      ['{"keys":[]}', /no usable key/],
      ['{', /no JSON object/],
      ['-----BEGIN PUBLIC KEY-----', /no whole PEM/],
    ]
    for (const [text, problem] of cases) {
      assert.match(await refusal(() => readVerifyingKeys(text, null)), problem)
    }
  },

  'let a token of an old key in, and stand in the key set': async () => {
    const old = await openAccessKeys(accessRing, { ...none, signingKey: otherEs256.privateKey })
    const token = signAccess(old, accessClaims())
    const settings = { ...none, verifyingKey: otherEs256.publicKey }
    const keys = await openAccessKeys(accessRing, settings)
    assert.equal([judgedAccess(token), judgedAccess(token, { keys })], ['unknown_key', 'ok'])
    assert.ok(publicJwks(keys, instant).keys.some(({ kid }) => kid === old.active.kid))
  },
})

claims('an algorithm other than that of the ring', {
  'is refused with the way there; a start makes no key': async () => {
    const settings = { ...none, algorithm: 'RS256' } as const
    const message = await refusal(() => openAccessKeys(accessRing, settings))
    assert.match(message, /npx curfew keys rotate/)
  },

  'is taken from the moment that the ring holds such a key, until the last one is gone':
    async () => {
      const options = { alg: 'ES384', entropy } as const
      const prepared = replaceNext(accessRing, options)
      const rotated = rotateRing(prepared, { ...options, at: instant, overlapMs: 1_000 })
      for (const [ring, active] of [
        [prepared, 'ES256'],
        [rotated, 'ES384'],
      ] as const) {
        for (const algorithm of ['ES256', 'ES384'] as const) {
          assert.is((await openAccessKeys(ring, { ...none, algorithm })).active.alg, active)
        }
      }
      const token = signAccess(accessRing, accessClaims())
      assert.is(judgedAccess(token, { keys: rotated }), 'ok')
      const late = { keys: rotated, now: (instant + 1_000) as typeof instant }
      assert.is(judgedAccess(token, late), 'unknown_key')
    },
})
