import { createPublicKey } from 'node:crypto'
import { createRing } from '../../../../shared/tokens/key-rings/key-ring.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import {
  accessClaims,
  accessHeader,
  accessRing,
  encoded,
  es256,
  hs256,
  judgedAccess,
} from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const { kid, signer } = accessRing.active
const good = signAccess(accessRing, accessClaims())
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A payload as text, so that it can hold what an object cannot. */
const payloadWith = (member: string): string =>
  `${JSON.stringify(accessClaims()).slice(0, -1)},${member}}`
const payloadWithExp = (exp: string): string =>
  JSON.stringify(accessClaims()).replace(/"exp":\d+/, `"exp":${exp}`)

claims('forged and malformed tokens', {
  'the samples of this suite differ from a good token only in their fault': () => {
    assert.is(judgedAccess(good), 'ok')
    assert.is(judgedAccess(es256(accessHeader(), accessClaims())), 'ok')
    assert.is(judgedAccess(es256(accessHeader(), payloadWith('"team":1'))), 'ok')
  },
  // asvs: 9.1.2
  'no spelling of none is an algorithm': () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, 'none\u0000', ' none']) {
      for (const signature of ['', goodSignature]) {
        const header = encoded(accessHeader({ alg }))
        assert.is(judgedAccess(`${header}.${goodPayload}.${signature}`), 'malformed')
      }
    }
  },
  // asvs: 9.1.2
  'the public key is no HMAC secret, in none of its forms': () => {
    const publicKey = createPublicKey(signer)
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const forms = [
      pem,
      pem.trim(),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]
    for (const secret of forms) {
      const forged = hs256(accessHeader({ alg: 'HS256' }), accessClaims(), secret)
      assert.is(judgedAccess(forged), 'malformed')
    }
  },
  'a psychic signature and a DER one are refused': () => {
    const zero = Buffer.alloc(64).toString('base64url')
    assert.is(judgedAccess(`${goodHeader}.${goodPayload}.${zero}`), 'malformed')
    const der = Buffer.from('3006020101020101', 'hex').toString('base64url')
    assert.is(judgedAccess(`${goodHeader}.${goodPayload}.${der}`), 'malformed')
  },
  // asvs: 9.1.1
  'another last character of any part is another token, not the same one': () => {
    for (const [index, part] of [goodHeader, goodPayload, goodSignature].entries()) {
      for (const last of alphabet) {
        const changed = [goodHeader, goodPayload, goodSignature]
        changed[index] = part.slice(0, -1) + last
        const token = changed.join('.')
        assert.is(judgedAccess(token), token === good ? 'ok' : 'malformed')
      }
    }
  },
  'padding, blanks, other parts and other alphabets are refused': () => {
    const wrong = [
      `${good}=`,
      `${good} `,
      ` ${good}`,
      `${good}\n`,
      `${good}.`,
      `${good}.${goodSignature}`,
      `${goodHeader}.${goodPayload}`,
      `.${goodPayload}.${goodSignature}`,
      `${goodHeader}..${goodSignature}`,
      good.replaceAll('-', '+').replaceAll('_', '/').concat('+'),
      '',
      'abc',
      '...',
    ]
    for (const token of wrong) assert.is(judgedAccess(token), 'malformed')
    for (const token of [undefined, null, 7, {}, [good]]) {
      assert.is(judgedAccess(token), 'malformed')
    }
  },
  'a member given twice is refused, however it is spelled': () => {
    const members = ['"sub":"someone"', '"\\u0073ub":"someone"', '"epoch":{"a":1,"\\u0061":2}']
    for (const member of members) {
      assert.is(judgedAccess(es256(accessHeader(), payloadWith(member))), 'malformed')
    }
    const header = JSON.stringify(accessHeader()).replace('{', '{"alg":"none",')
    assert.is(judgedAccess(es256(header, accessClaims())), 'malformed')
  },
  // asvs: 15.3.6
  'prototype names are refused at any depth': () => {
    const members = ['"__proto__":{"admin":1}', '"a":[{"constructor":1}]', '"prototype":1']
    for (const member of members) {
      assert.is(judgedAccess(es256(accessHeader(), payloadWith(member))), 'malformed')
    }
  },
  // asvs: 1.4.2
  'an exp that is no plain instant is refused': () => {
    const values = ['1e400', '1e21', '"9999999999"', 'null', '[1900000000]', '1800000900.5', '-1']
    for (const exp of values) {
      assert.is(judgedAccess(es256(accessHeader(), payloadWithExp(exp))), 'malformed')
    }
  },
  'a required claim that is missing is refused': () => {
    for (const member of Object.keys(accessClaims())) {
      const rest = Object.entries(accessClaims()).filter(([name]) => name !== member)
      const expected = member === 'user_id' || member === 'roles' ? 'ok' : 'malformed'
      const token = es256(accessHeader(), Object.fromEntries(rest))
      assert.is(judgedAccess(token), expected, member)
    }
  },
  'a payload that is no object, nests deeply or is no UTF-8 is refused': () => {
    const deep = payloadWith(`"a":${'['.repeat(1_000)}${']'.repeat(1_000)}`)
    const bytes = Buffer.from(JSON.stringify(accessClaims({ team: 'X' })))
    bytes[bytes.indexOf('"X"') + 1] = 0xff
    const bom = `\ufeff${JSON.stringify(accessClaims())}`
    for (const payload of ['null', '[]', '"text"', '7', '', '{', deep, bytes, bom]) {
      assert.is(judgedAccess(es256(accessHeader(), payload)), 'malformed')
    }
  },
  // asvs: 9.1.3
  'a header member beyond alg, typ and kid is refused': () => {
    const members = ['crit', 'b64', 'jku', 'x5u', 'x5c', 'jwk', 'zip', 'cty', 'x5t', 'unheard']
    for (const member of members) {
      const token = es256(accessHeader({ [member]: member === 'crit' ? ['b64'] : false }), {
        ...accessClaims(),
      })
      assert.is(judgedAccess(token), 'malformed', member)
    }
  },
  'a kid that is no key id is malformed, one that nobody has is unknown': () => {
    const odd = ['../../dev/null', "' OR 1=1", 'a\u0000', 'https://x.example', '', 'x'.repeat(300)]
    for (const wrong of [...odd, { $gt: '' }, [kid], 7, null]) {
      assert.is(judgedAccess(es256(accessHeader({ kid: wrong }), accessClaims())), 'malformed')
    }
    for (const other of ['nobody', '__proto__', 'constructor']) {
      assert.is(judgedAccess(es256(accessHeader({ kid: other }), accessClaims())), 'unknown_key')
    }
  },
  // asvs: 9.2.2
  'a typ of another purpose is refused': () => {
    for (const typ of ['JWT', 'AT+JWT', 'application/at+jwt', 'secevent+jwt', '', null]) {
      assert.is(judgedAccess(es256(accessHeader({ typ }), accessClaims())), 'malformed')
    }
    const mixed = es256(accessHeader(), accessClaims({ token_type: 'refresh' }))
    assert.is(judgedAccess(mixed), 'malformed')
  },
  // asvs: 9.1.1
  'another key under a known id is refused': () => {
    const stranger = createRing('access', { alg: 'ES256', entropy: seededEntropy('stranger') })
    const token = es256(accessHeader(), accessClaims(), stranger.active.signer)
    assert.is(judgedAccess(token), 'malformed')
  },
  'a token over 4 KiB or a header over 512 bytes is refused unread': () => {
    const large = es256(accessHeader(), accessClaims({ team: 'x'.repeat(4_000) }))
    assert.is(judgedAccess(large), 'malformed')
    const padded = `${' '.repeat(500)}${JSON.stringify(accessHeader())}`
    assert.is(judgedAccess(es256(padded, accessClaims())), 'malformed')
  },
})
