import {
  type AuditFilter,
  fitsFilter,
  noFilter,
  termsOfEvent,
  termsOfFilter,
} from '../../../shared/events/audit-terms.ts'
import { event } from '../../../shared/events/event.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { aRevoked, aSid } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const fits = (filter: Partial<AuditFilter>, of: Parameters<typeof fitsFilter>[1]) =>
  fitsFilter({ ...noFilter, ...filter }, of)

claims('what events are found by', {
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
