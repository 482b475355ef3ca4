import { isAuthError } from '../../../shared/kernel/errors.ts'
import {
  clientId,
  epochMs,
  eventId,
  isTokenId,
  msOf,
  secondsOf,
  sessionId,
  subjectId,
  tokenId,
} from '../../../shared/kernel/ids.ts'
import { assert, claims } from '../../support/suite.ts'

const refuses = (make: () => unknown): void =>
  assert.throws(make, (error: unknown) => isAuthError(error, 'INPUT_INVALID'))
const hex = '0123456789abcdef0123456789abcdef'

claims('ids', {
  // asvs: 7.2.2, 11.5.1
  'token and session ids are 32 lower-case hex digits': () => {
    assert.is(tokenId(hex), hex)
    assert.is(sessionId(hex), hex)
    for (const bad of ['', hex.slice(1), `${hex}0`, hex.toUpperCase(), `${hex}\n`, ` ${hex}`]) {
      refuses(() => tokenId(bad))
      refuses(() => sessionId(bad))
      assert.not.ok(isTokenId(bad))
    }
    assert.not.ok(isTokenId(7))
  },

  'subjects are visible ASCII, so that they travel in headers and keys': () => {
    assert.is(subjectId('auth0|user:42$x'), 'auth0|user:42$x')
    for (const bad of ['', 'a b', 'zoë', 'a\n', 'x'.repeat(256)]) refuses(() => subjectId(bad))
  },

  'clients are names': () => {
    assert.is(clientId('web-1.app_2'), 'web-1.app_2')
    for (const bad of ['', 'a:b', 'a/b', 'x'.repeat(65)]) refuses(() => clientId(bad))
  },

  'seconds round down, so a token is never younger than it says': () => {
    assert.is(secondsOf(epochMs(1_999)), 1)
    assert.is(msOf(secondsOf(epochMs(1_999))), 1_000)
    refuses(() => epochMs(0.5))
    refuses(() => epochMs(Number.NaN))
  },

  'an event id names stream, version and index': () => {
    assert.is(eventId(`s/${sessionId(hex)}`, 10, 2), `s/${hex}:10:2`)
  },
})
