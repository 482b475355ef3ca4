import { commitRecords } from '../../../../services/gateway/publication/commit-records.ts'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { readEventRecord } from '../../../../shared/events/read-event-record.ts'
import { readRevocationRecord } from '../../../../shared/events/read-revocation-record.ts'
import {
  aCommit,
  aCutoffCommit,
  anEventCheck,
  anEventsRing,
  aRevocationCommit,
  aRing,
  source,
} from '../../../support/fakes/builders.ts'
import { rawAt } from '../../../support/fakes/hand-fed-log.ts'
import { assert, claims } from '../../../support/suite.ts'

const encoder = { source, ring: aRing(), events: anEventsRing() }
const commits = (): readonly NewCommit[] => {
  const one = aCommit()
  return [
    one,
    { ...one, events: [...one.events, ...one.events] },
    aRevocationCommit(),
    aCutoffCommit(),
  ]
}

claims('the records of a commit', {
  'are each signed by the ring of their topic': () => {
    for (const commit of commits()) {
      const { records } = commitRecords(commit, encoder)
      assert.ok(records.length >= commit.events.length)
      for (const [offset, record] of records.entries()) {
        const raw = rawAt(offset, record)
        if (record.topic === 'auth.events') assert.ok(readEventRecord(anEventCheck(), raw).ok)
        else assert.is(readRevocationRecord(encoder.ring, raw).kind, 'revocation')
      }
    }
  },

  'have the same bytes whether the publisher or the relay sends them': () => {
    for (const commit of commits()) {
      const appended = commitRecords(commit, encoder).records
      const read = commitRecords(
        JSON.parse(JSON.stringify({ ...commit, published: null })),
        encoder,
      )
      assert.equal(read.records, appended)
    }
  },
})
