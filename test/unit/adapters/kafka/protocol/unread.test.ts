import { projectEvents, projectRevocations } from '../../../../../services/projector/projection.ts'
import { LogIdentities } from '../../../../../shared/events/log-identities.ts'
import type { RawRecord, Topic, Unread } from '../../../../../shared/events/log-record.ts'
import { readRevocationRecord } from '../../../../../shared/events/read-revocation-record.ts'
import { anEventCheck, aRing } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'

const ring = aRing()
const unreadAt = (topic: Topic, offset: number, unread: Unread): RawRecord => ({
  ...{ topic, partition: 0, offset, unread },
  ...{ key: null, headers: {}, value: Buffer.from('its bytes') },
})
const foreign: Unread = { problem: 'a bomb', mayBeOurs: false }
const damaged: Unread = { problem: 'a checksum', mayBeOurs: true }

claims('what could not be read of the log', {
  'is somebody else’s on auth.revocations, and costs a dead letter that says why': () => {
    const records = [unreadAt('auth.revocations', 4, foreign)]
    const items = records.map((record) => readRevocationRecord(ring, record))
    assert.equal(items, [{ kind: 'forged', offset: 4 }])
    const { deadLetters, unreadableAt } = projectRevocations(records, items, new LogIdentities())
    const problems = deadLetters.map(({ record }) => record.headers['curfew-problem'])
    assert.equal([problems, unreadableAt], [['a bomb'], null])
  },

  'stops closed time there when it may be ours: a possible revocation is never skipped': () => {
    const records = [unreadAt('auth.revocations', 4, damaged)]
    const items = records.map((record) => readRevocationRecord(ring, record))
    assert.equal(items, [{ kind: 'unreadable', offset: 4 }])
    assert.is(projectRevocations(records, items, new LogIdentities()).unreadableAt, 4)
  },

  'is parked on auth.events with its cause, whoever wrote it': () => {
    for (const unread of [foreign, damaged]) {
      const { deadLetters } = projectEvents([unreadAt('auth.events', 7, unread)], anEventCheck())
      const [letter] = deadLetters
      assert.is(letter?.record.headers['curfew-problem'], unread.problem)
      assert.is(letter?.record.key, 'auth.events/0/7')
    }
  },
})
