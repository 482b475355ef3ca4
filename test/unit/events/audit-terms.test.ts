import {
  type AuditFilter,
  auditTerms,
  fitsFilter,
  noFilter,
  termsOfEvent,
  termsOfFilter,
  termsThatKnow,
} from '../../../shared/events/audit-terms.ts'
import { event } from '../../../shared/events/event.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { aRevoked, aSid, aSub } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const fits = (filter: Partial<AuditFilter>, of: Parameters<typeof fitsFilter>[1]) =>
  fitsFilter({ ...noFilter, ...filter }, of)

claims('what events are found by', {
  'what a filter asks an index for says which terms the index must know': () => {
    const since = (filter: Partial<AuditFilter>): number =>
      termsThatKnow(termsOfFilter({ ...noFilter, ...filter }))
    assert.is(since({ user: 'u', session: 's', kind: 'TokenIssued' }), 1)
    assert.is(since({ step: 'login' }), 2)
    assert.is(since({ cutoff: 'all' }), 2)
    assert.is(since({ step: 'end', user: 'unowned:' }), 2)
    assert.is(since({ step: 'unowned' }), auditTerms, 'who raises it says what for')
  },

  'every sample is found by its type, and by whom it names': () => {
    for (const { stored } of eventExamples) {
      const now = upcast(stored)
      const { sub, sid, client, address } = now.data as Record<string, string>
      const facts = { user: sub, session: sid, client, address }
      for (const [kind, value] of Object.entries(facts)) {
        if (value) assert.ok(fits({ [kind]: value }, now), `${now.type} by ${kind}`)
      }
      assert.ok(fits({ kind: now.type }, now))
      assert.not.ok(fits({ kind: now.type, token: 'another' }, now))
      assert.is(new Set(termsOfEvent(now)).size, termsOfEvent(now).length)
    }
  },

  'a revocation is found by what its key names': () => {
    const sid = aSid()
    const ofToken = aRevoked({ scope: 'token', key: 'jti:7', sid })
    assert.ok(fits({ token: '7', session: sid }, ofToken))
    assert.ok(fits({ client: 'web' }, aRevoked({ scope: 'client', key: 'client:web' })))
    assert.not.ok(fits({ token: '8' }, ofToken))
    assert.not.ok(termsOfEvent(aRevoked({ scope: 'all', key: 'all' })).includes('all'))
  },

  'the first token of a session, and what ends one, are found without refreshes': () => {
    const login = { cause: 'login', kind: 'refresh', replaces: null } as const
    const sub = aSub()
    const step = (of: Parameters<typeof fitsFilter>[1], user: string | null = null) =>
      (['login', 'end', 'unowned'] as const).filter((step) => fits({ step, user }, of))
    for (const { stored } of eventExamples) {
      const now = upcast(stored)
      if (now.type === 'TokenIssued') {
        const data = { ...now.data, sub }
        for (const kind of ['refresh', 'sliding'] as const) {
          assert.equal(step(event('TokenIssued', { ...data, ...login, kind }), sub), ['login'])
        }
        assert.equal(step(event('TokenIssued', { ...data, ...login, kind: 'access' })), [])
        assert.equal(step(event('TokenIssued', { ...data, cause: 'refresh' })), [])
      } else if (now.type !== 'TokenRevoked') assert.equal(step(now), [], now.type)
    }
    assert.equal(step(aRevoked({ reason: 'rotated', sub })), [])
    assert.equal(step(aRevoked({ sub })), ['end'])
    assert.equal(step(aRevoked({ sub }), sub), ['end'])
    assert.equal(step(aRevoked({ sub }), aSub()), [])
    assert.equal(step(aRevoked({ sub: null })), ['end', 'unowned'])
    assert.equal(step(aRevoked({ reason: 'rotated', sub: null })), [])
  },

  'a cutoff is found by its key, and what is none is not': () => {
    const cutoff = aRevoked({ scope: 'subject', key: 'sub:a', cutoff: 3 })
    assert.ok(fits({ cutoff: 'sub:a' }, cutoff))
    assert.not.ok(fits({ cutoff: 'sub:b' }, cutoff))
    assert.not.ok(fits({ cutoff: 'sub:a' }, aRevoked({ key: 'sub:a', cutoff: null })))
    assert.ok(fits({ cutoff: 'all' }, aRevoked({ scope: 'all', key: 'all', cutoff: 0 })))
  },

  'who acted is found by their id': () => {
    const actor = { by: 'administrator', id: 'root' } as const
    const disabled = event('UserDisabled', { sub: 'a' as never, actor, address: null, agent: null })
    assert.ok(fits({ actor: 'root', user: 'a' }, disabled))
    assert.not.ok(fits({ actor: 'a' }, disabled))
  },

  'the rarest term comes first': () => {
    const filter = { ...noFilter, kind: 'TokenIssued', user: 'a', token: '7' } as const
    assert.equal(termsOfFilter(filter), ['token:7', 'user:a', 'kind:TokenIssued'])
    assert.equal(termsOfFilter(noFilter), [])
  },
})
