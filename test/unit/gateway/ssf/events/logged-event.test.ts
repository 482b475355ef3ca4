import fc from 'fast-check'
import { loggedEvent } from '../../../../../services/gateway/ssf/events/logged-event.ts'
import { againHeader } from '../../../../../shared/events/again-header.ts'
import { anEventCheck, anEventRecord } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'

claims('what receivers are told', {
  'is each event of this fleet, and no copy of one that was published again': () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.option(fc.string()), (n, again) => {
        const record = anEventRecord('ann', n)
        const headers =
          again === null ? record.headers : { ...record.headers, [againHeader]: again }
        const raw = { ...record, headers, partition: 0, offset: n }
        assert.is(
          loggedEvent({ events: anEventCheck(), meter: null }, raw) === null,
          again !== null,
        )
      }),
    )
  },
})
