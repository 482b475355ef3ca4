import fc from 'fast-check'
import { redactText } from '../../../shared/kernel/logger.ts'
import { anyText } from '../../support/fakes/any-text.ts'
import { accessClaims, accessHeader, es256 } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'

claims('redaction of log text', {
  // asvs: 14.2.4, 16.2.5
  'a token never stays, wherever it stands': () => {
    const token = es256(accessHeader(), accessClaims())
    const [header = '', payload = '', signature = ''] = token.split('.')
    for (const text of [token, `Bearer ${token}`, `access=${token}; Path=/`, `"${token}"`]) {
      const shown = redactText(text)
      for (const part of [header, payload, signature]) assert.not.match(shown, part)
      assert.match(shown, '[token]')
    }
    assert.not.match(redactText(`${header}.${payload}.`), payload)
  },

  'text around a token stays': () => {
    const token = es256(accessHeader(), accessClaims())
    assert.is(redactText(`jwt malformed: ${token} at 3`), 'jwt malformed: [token] at 3')
    assert.is(
      redactText('connect ECONNREFUSED 127.0.0.1:27017'),
      'connect ECONNREFUSED 127.0.0.1:27017',
    )
  },

  // asvs: 16.2.5
  'credentials in addresses go, the host stays': () => {
    assert.is(
      redactText('http://app:s3cret@db.example:80/x and amqp://a:b@c'),
      'http://[redacted]@db.example:80/x and amqp://[redacted]@c',
    )
    for (const password of ['p/w', 'p@w', 'p w', 'p?w', 'p#w', 'p:w', 'p\nw', '[w]']) {
      assert.is(redactText(`mongodb://u:${password}@h/x`), 'mongodb://[redacted]@h/x')
    }
    const place = 'at f (file:///work/node_modules/@koa/router/index.js:1)'
    assert.is(redactText(place), place)
  },

  // asvs: 1.3.3, 16.4.1
  'no control character, line end or bidi override leaves as it is': () => {
    assert.is(redactText('a\r\nlevel=50'), 'a\\u000d\\u000alevel=50')
    assert.is(redactText('\u001b[31mred'), '\\u001b[31mred')
    assert.is(redactText('user\u202etxt'), 'user\\u202etxt')
    const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/
    fc.assert(
      fc.property(anyText({ maxLength: 60 }), (text) => {
        assert.not.ok(unsafe.test(redactText(text)))
      }),
    )
  },
})
