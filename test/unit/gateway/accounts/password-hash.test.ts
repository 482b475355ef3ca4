import { createHash, pbkdf2Sync } from 'node:crypto'
import { hash as argon2Hash } from '@node-rs/argon2'
import { hash as bcryptHash } from 'bcryptjs'
import { openPasswords } from '../../../../services/gateway/accounts/open-passwords.ts'
import {
  hashPassword,
  isCurrentHash,
  isKnownHash,
  matchesHash,
} from '../../../../services/gateway/accounts/password-hash.ts'
import { assert, claims } from '../../../support/suite.ts'

const password = 'pässwörd of Django 1'
/** Written by Django 5.2.19's own hashers. */
const djangoHashes = {
  pbkdf2_sha256:
    'pbkdf2_sha256$1000000$sFGrujGOqmBuYDsM6Gfg4a$tYAswVCFV0mNaWsaD+uNZqo1IMDfZVWw6B9THxAKzYs=',
  pbkdf2_sha1: 'pbkdf2_sha1$1000000$33ua2t0E5poSEKfosxLcv2$spPGJ4ZQi22rLzcQcm2sFbZuqoI=',
  argon2:
    'argon2$argon2id$v=19$m=102400,t=2,p=8$dVV4QTZOZlIwZERhSXRaV0E2N0szeA$' +
    'TD18kNmqmWCyFgGryfKJz9IpWfGjHzgkGp/+vpiL1kE',
  bcrypt_sha256: 'bcrypt_sha256$$2b$12$/UQoa0IDlBRv4V2.3N504u.HVevQYww66tI.CrJFTxKvsDEFm/EQ.',
  bcrypt: 'bcrypt$$2b$12$AU6hrPeMTRczLdi9pMSMG.3jL.2wJaPFVSt3ndQee4vX21IEWOySi',
  scrypt:
    'scrypt$16384$Ss5JbwxhJ4Z0ndD8XVaVOB$8$5$TzZuLjKjU76YirKwXXypxhMf7nihKctJIOLr1Nv1' +
    'g4c83UkIAZofi4hEjBE/4ZplttrS7GCzDELhTMcgi8G2YQ==',
}

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const derived = (digest: string, bytes: number): string =>
  pbkdf2Sync(password, 'salt', 9, bytes, digest).toString('base64')

claims('password hashes', {
  'every hash that Django writes matches its password, and no other': async () => {
    for (const [kind, encoded] of Object.entries(djangoHashes)) {
      assert.ok(isKnownHash(encoded), kind)
      assert.not.ok(isCurrentHash(encoded), kind)
      assert.ok(await matchesHash(encoded, password), kind)
    }
    // These take up to half a second of a processor at Django's cost: the refusal costs less.
    const quick = {
      bcrypt: `bcrypt$${await bcryptHash(password, 4)}`,
      bcrypt_sha256: `bcrypt_sha256$${await bcryptHash(sha256Hex(password), 4)}`,
      pbkdf2_sha256: `pbkdf2_sha256$9$salt$${derived('sha256', 32)}`,
      pbkdf2_sha1: `pbkdf2_sha1$9$salt$${derived('sha1', 20)}`,
    }
    for (const [kind, encoded] of Object.entries({ ...djangoHashes, ...quick })) {
      if (kind in quick) assert.ok(await matchesHash(encoded, password), kind)
      assert.not.ok(await matchesHash(encoded, `${password} `), kind)
    }
  },

  'argon2i, which Django wrote before 3.2, is known too': async () => {
    const parameters = { algorithm: 1, memoryCost: 512, timeCost: 2, parallelism: 2 }
    const encoded = `argon2${await argon2Hash(password, parameters)}`
    assert.match(encoded, /^argon2\$argon2i\$/)
    assert.ok(isKnownHash(encoded) && !isCurrentHash(encoded))
    assert.ok(await matchesHash(encoded, password))
    assert.not.ok(await matchesHash(encoded, 'another'))
  },

  'an account without a password is opened by none': async () => {
    const passwords = openPasswords()
    for (const given of ['', '!', password]) assert.not(await passwords.verify('!', given))
  },

  'every refusal does the work of a hash made here, whatever is stored; no imported one less':
    async () => {
      const work: string[] = []
      const passwords = openPasswords({
        matches: async (encoded) => {
          work.push(isCurrentHash(encoded) ? 'argon2id of today' : (encoded.split('$')[0] ?? ''))
          return encoded.startsWith('scrypt')
        },
      })
      const workFor = async (stored: string | null): Promise<readonly string[]> => {
        work.length = 0
        await passwords.verify(stored, password)
        return [...work]
      }
      const once = ['argon2id of today']
      for (const stored of [null, '!', 'damaged', await hashPassword('another')]) {
        assert.equal(await workFor(stored), once, String(stored))
      }
      const cheap = 'pbkdf2_sha1$1$salt$qqqqqqqqqqqqqqqqqqqqqqqqqqo='
      for (const stored of [cheap, ...Object.values(djangoHashes)]) {
        assert.equal(await workFor(stored), [stored.split('$')[0], ...once], stored)
      }
      // The work of the decoy decides nothing.
      assert.ok(await passwords.verify(djangoHashes.scrypt, password))
      assert.not.ok(await passwords.verify(cheap, password))
    },

  // asvs: 11.4.2
  'a hash made here matches and is current': async () => {
    const encoded = await hashPassword(password)
    assert.ok(isCurrentHash(encoded))
    assert.ok(await matchesHash(encoded, password))
    assert.not.ok(await matchesHash(encoded, 'another'))
  },

  'of another cost match too, and are not current: the next login replaces them': async () => {
    const cost = { memoryKib: 64, passes: 3 }
    const [usual, other] = [openPasswords(), openPasswords({ cost })]
    const encoded = await other.hash(password)
    assert.match(encoded, /^\$argon2id\$v=19\$m=64,t=3,p=1\$/)
    assert.equal([usual.isCurrent(encoded), other.isCurrent(encoded)], [false, true])
    assert.equal(
      [usual, other].map((passwords) => passwords.isCurrent('')),
      [false, false],
    )
    for (const passwords of [usual, other]) {
      assert.ok(await passwords.verify(encoded, password))
      assert.not.ok(await passwords.verify(encoded, 'another'))
    }
    assert.ok(usual.isCurrent(await usual.hash(password)))
  },

  'damaged, unknown and costly hashes match nothing and cost nothing': async () => {
    const bad = [
      '',
      '!unusable',
      'md5$salt$c4ca4238a0b923820dcc509a6f75849b',
      'pbkdf2_sha256$0$salt$aGFzaA==',
      'pbkdf2_sha256$99999999$salt$aGFzaA==',
      'pbkdf2_sha256$1000$salt$',
      'pbkdf2_sha256$1000$salt$aGFzaA==$more',
      `scrypt$${2 ** 21}$salt$8$5$aGFzaA==`,
      'scrypt$1048576$salt$64$64$aGFzaA==',
      'bcrypt$$2b$31$AU6hrPeMTRczLdi9pMSMG.3jL.2wJaPFVSt3ndQee4vX21IEWOySi',
      'bcrypt$$2b$12$short',
      '$argon2id$v=19$m=19456,t=2,p=1$nothing',
    ]
    for (const encoded of bad) assert.not.ok(await matchesHash(encoded, password), encoded)
  },
})
