import { readFileSync } from 'node:fs'
import {
  jtiOf,
  logoutOf,
  securityEvents,
} from '../../../../../services/gateway/ssf/events/security-events.ts'
import { type AuthEvent, event, noAct } from '../../../../../shared/events/event.ts'
import type { EpochMs, EventId, SubjectId } from '../../../../../shared/kernel/ids.ts'
import { aRevoked } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'

const issuer = 'https://auth.example'
const id = 's/00112233445566778899aabbccddeeff:3:1' as EventId
const at = 1_790_000_000_123 as EpochMs
const sub = 'ann' as SubjectId
const sid = '00112233445566778899aabbccddeeff' as never
const revokedAt = at

const samples: Readonly<Record<string, AuthEvent>> = {
  session: aRevoked({ sid, sub, revokedAt }),
  reuse: aRevoked({ sid, sub, revokedAt, reason: 'reuse' }),
  token: aRevoked({
    scope: 'token',
    key: 'jti:ffeeddccbbaa99887766554433221100',
    sid: null,
    reason: 'revoked',
    revokedAt,
  }),
  subject: aRevoked({
    scope: 'subject',
    key: 'sub:ann',
    sub,
    sid: null,
    cutoff: 1,
    reason: 'user_disabled',
    revokedAt,
  }),
  client: aRevoked({
    scope: 'client',
    key: 'client:web',
    sid: null,
    cutoff: 0,
    reason: 'revoked',
    revokedAt,
  }),
  all: aRevoked({ scope: 'all', key: 'all', sid: null, cutoff: 0, reason: 'revoked', revokedAt }),
  password: event('PasswordChanged', { sub, ...noAct }),
}

const told = (one: AuthEvent) => securityEvents(issuer, { id, at, event: one })

claims('security events', {
  'are what the golden file holds, for every kind of event that is told': () => {
    const golden = new URL('../../../../golden/security-events/caep.json', import.meta.url)
    const made = Object.fromEntries(Object.entries(samples).map(([name, one]) => [name, told(one)]))
    assert.equal(made, JSON.parse(readFileSync(golden, 'utf8')))
  },

  'there is none of a rotation, and none of what ends nothing': () => {
    assert.equal(told(aRevoked({ reason: 'rotated' })), [])
    assert.equal(told(event('UserDisabled', { sub, ...noAct })), [])
    assert.equal(told(event('UserEnabled', { sub, ...noAct })), [])
  },

  'one event has one id for each receiver': () => {
    assert.is(jtiOf(id, 'one'), jtiOf(id, 'one'))
    assert.is.not(jtiOf(id, 'one'), jtiOf(id, 'two'))
    assert.is.not(jtiOf(id, 'one'), jtiOf(`${id}0` as EventId, 'one'))
  },

  'a logout names the session, or the user of a cutoff, and nothing else is one': () => {
    const logouts = Object.entries(samples).map(([name, one]) => [name, logoutOf(one)])
    assert.equal(
      logouts.filter(([, logout]) => logout !== null),
      [
        ['session', { sub, sid }],
        ['reuse', { sub, sid }],
        ['subject', { sub, sid: null }],
      ],
    )
  },
})
