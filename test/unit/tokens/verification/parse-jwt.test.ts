import { chooseKey, parseJwt } from '../../../../shared/tokens/verification/parse-jwt.ts'
import {
  accessClaims,
  accessHeader,
  accessRing,
  encoded,
  es256,
  instant,
} from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'

// jsonwebtoken refuses some of these too; what is claimed here does not rest on it.
const faultOf = (token: unknown): string => {
  const parsed = parseJwt(token)
  return parsed.ok ? 'ok' : parsed.fault
}
const header = encoded(accessHeader())
const payload = encoded(accessClaims())

claims('strict pre-parser', {
  'a well-formed token is read without regard to its signature': () => {
    const claimed = accessClaims()
    const parsed = parseJwt(`${header}.${encoded(claimed)}.AAAA`)
    assert.equal(parsed, { ok: true, header: accessHeader(), payload: claimed })
  },
  'each fault is found by its own check': () => {
    const bom = encoded(`\ufeff${JSON.stringify(accessClaims())}`)
    const faults: [string, unknown][] = [
      ['too_large', 'x'.repeat(4_097)],
      ['too_large', 7],
      ['too_large', `${'A'.repeat(513)}.${payload}.AAAA`],
      ['parts', `${header}.${payload}`],
      ['parts', `${header}.${payload}.AAAA.AAAA`],
      ['parts', `${header}.${payload}.`],
      ['encoding', `${header}.${payload}.AAAB=`],
      ['encoding', `${header}.${payload}.AB`],
      ['encoding', `${header}.${payload}.A+/A`],
      ['header_json', `${encoded('[]')}.${payload}.AAAA`],
      ['header_json', `${encoded('{"alg":"a","alg":"b"}')}.${payload}.AAAA`],
      ['header_members', es256(accessHeader({ crit: [] }), {})],
      ['header_members', es256(accessHeader({ alg: 7 }), {})],
      ['typ', es256(accessHeader({ typ: 'JWT' }), {})],
      ['kid', es256(accessHeader({ kid: 'a/b' }), {})],
      ['payload_json', `${header}.${bom}.AAAA`],
      ['payload_json', `${header}.${encoded('null')}.AAAA`],
      ['payload_json', `${header}.${encoded(Buffer.from([0x22, 0xff, 0x22]))}.AAAA`],
      ['payload_json', `${header}.${encoded('{"a":1,"\\u0061":2}')}.AAAA`],
      ['payload_json', `${header}.${encoded('{"a":[[[[[[[[1]]]]]]]]}')}.AAAA`],
    ]
    for (const [fault, token] of faults) assert.is(faultOf(token), fault, String(token))
  },
  'brackets, quotes and colons within texts are no structure': () => {
    const odd = { team: '{"a":1,"a":2}', note: '[[[[[[[[[[', path: 'C:\\"', 'a"b': ':', 'a:b': '{' }
    assert.is(faultOf(`${header}.${encoded(accessClaims(odd))}.AAAA`), 'ok')
  },
  // asvs: 9.1.2
  'the algorithm is the key’s, whatever the header says': () => {
    const { kid } = accessRing.active
    for (const alg of ['ES384', 'HS256', 'none']) {
      const choice = chooseKey({ alg, typ: 'at+jwt', kid }, accessRing, instant)
      assert.equal(choice, { ok: false, problem: 'malformed' })
    }
    assert.is(chooseKey({ alg: 'ES256', typ: 'at+jwt', kid }, accessRing, instant).ok, true)
  },
})
