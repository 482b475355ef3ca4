import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'

const recordOf = (id: string): LogRecord => ({
  topic: 'auth.events',
  key: 'somebody',
  headers: { ce_id: id, ce_type: 'curfew.TokenIssued' },
  value: `{"id":"${id}"}`,
})

type Publishing = Readonly<{ publish: (id: string) => Promise<RawRecord> }>

/** An index that keeps its records itself: offsets are counted here. */
export const unlogged = <Index extends AuditIndex>(index: Index): Index & Publishing => {
  let end = 0
  return {
    ...index,
    publish: async (id) => {
      const offset = end
      end += 1
      return { ...recordOf(id), partition: 0, offset }
    },
  }
}

/** An index that points into a log, with the log. */
export const logged = (index: AuditIndex, log: EventLog): AuditIndex & Publishing => ({
  ...index,
  publish: async (id) => {
    const [offset = 0] = await log.publish([recordOf(id)])
    return { ...recordOf(id), partition: 0, offset }
  },
  close: async () => {
    await log.close()
    await index.close()
  },
})
