import fc from 'fast-check'
import {
  checkPassword,
  commonPasswords,
} from '../../../../services/gateway/accounts/password-rules.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { assert, claims } from '../../../support/suite.ts'

const context = { username: 'alice.miller@example.org', words: ['Acme Shop'] }

/** Why it is refused; `null` when it is taken. */
const reason = (password: string, over: Partial<typeof context> = {}): string | null => {
  try {
    checkPassword(password, { ...context, ...over })
    return null
  } catch (error) {
    assert.ok(isAuthError(error, 'INPUT_INVALID'))
    assert.is(error.field, 'password')
    return error.message
  }
}

const cased = (text: string, bits: number): string =>
  [...text].map((one, at) => ((bits >> (at % 31)) & 1 ? one.toUpperCase() : one)).join('')

claims('rules for passwords', {
  // asvs: 6.2.4, 6.2.12
  'the list that ships has 10,000 entries or more, of which 3,000 are long enough': () => {
    assert.ok(commonPasswords().size >= 10_000)
    const fitting = [...commonPasswords()].filter((one) => one.length >= 8)
    assert.ok(fitting.length >= 3_000)
  },

  // asvs: 6.2.4
  'one of the list is refused in whatever case, and says why': () => {
    const fitting = [...commonPasswords()].filter((one) => one.length >= 8)
    fc.assert(
      fc.property(fc.constantFrom(...fitting), fc.nat(), (password, bits) => {
        assert.match(reason(cased(password, bits), { username: 'zz' }) ?? '', /^the password is /)
      }),
    )
    assert.match(reason('Password123') ?? '', /one of the most used/)
    assert.match(reason(' 1234567890 ') ?? '', /one of the most used/)
  },

  'what no login can send is refused: it would open to nobody': () => {
    const unsent = fc.constantFrom('\0', '\ud800', '\udfff')
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), unsent, fc.string({ maxLength: 9 }), (a, no, b) => {
        assert.match(reason(`correct ${a}${no}${b} horse`) ?? '', /null character|half of a/)
      }),
    )
  },

  'one character, repeated, is refused, whatever it is': () => {
    const character = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    fc.assert(
      fc.property(character, fc.integer({ min: 8, max: 30 }), (one, times) => {
        assert.match(reason(one.repeat(times)) ?? '', /repeated|longer/)
      }),
    )
    assert.match(reason('AaAaAaAa') ?? '', /repeated/)
    for (const text of ['ｘxｘxｘxｘx', ' '.repeat(9), '🏳️‍🌈'.repeat(4), 'q̣̇'.repeat(5)]) {
      assert.match(reason(text) ?? '', /repeated/, text)
    }
  },

  // asvs: 6.2.11
  'what is made of the user’s name is refused, with digits and signs around it or reversed': () => {
    for (const password of [
      'alice.miller@example.org',
      'ALICE.MILLER@EXAMPLE.ORG',
      'alicemiller',
      'Alice-Miller-2026!',
      'millermiller',
      '12345alice67890!',
      'relliM ecila',
      'xxmillerx',
    ]) {
      assert.match(reason(password) ?? '', /made of the user name|is the user name/, password)
    }
    assert.match(reason('zoe.zoe.', { username: 'zoe.zoe.' }) ?? '', /is the user name/)
  },

  // asvs: 6.2.11
  'what is made of the product’s name is refused': () => {
    for (const password of [
      'curfew12',
      'CURFEW!!!',
      'curfewcurfew',
      'Acme-Shop-1',
      'xx acme shop',
    ]) {
      assert.match(reason(password) ?? '', /name of this product/, password)
    }
  },

  // asvs: 6.2.5
  'a password of more than a name is taken, and so is whatever else is long enough': () => {
    for (const password of [
      'correct horse battery',
      'alice likes tea',
      'curfew at midnight',
      'Tr0ub4dor&3',
      'pässwörter',
      '\u{1f40e}\u{1f50b}\u{1f9f7}\u{1f40e}\u{1f50b}\u{1f9f7}\u{1f40e}!',
    ]) {
      assert.is(reason(password), null, password)
    }
    const words = fc.array(fc.stringMatching(/^[b-df-hj-np-tv-z]{5}$/), {
      minLength: 3,
      maxLength: 5,
    })
    fc.assert(
      fc.property(words, (some) => {
        const password = some.join(' ')
        if (new Set(password).size > 2) assert.is(reason(password, { username: 'zz' }), null)
      }),
    )
  },

  'length is counted in characters as they are stored': () => {
    assert.match(reason('a\u0308o\u0308u\u0308e\u0308'.repeat(1)) ?? '', /shorter than 8/)
    assert.is(reason('äöüë-äöü'), null)
    assert.match(reason(`${'x'.repeat(1024)}y`) ?? '', /longer than 1024/)
  },
})
