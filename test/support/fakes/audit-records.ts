import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'

const recordOf = (id: string): LogRecord => ({
  topic: 'auth.events',
  key: 'somebody',
  headers: { ce_id: id, ce_type: 'curfew.TokenIssued' },
  value: `{"id":"${id}"}`,
})

type Publishing = Readonly<{
  publish: (id: string) => Promise<RawRecord>
  /** The same of a whole record. */
  keep: (record: LogRecord) => Promise<RawRecord>
}>

/** An index that keeps its records itself: offsets are counted here. */
export const unlogged = <Index extends AuditIndex>(index: Index): Index & Publishing => {
  let end = 0
  const keep = async (record: LogRecord): Promise<RawRecord> => {
    end += 1
    return { ...record, partition: 0, offset: end - 1 }
  }
  return { ...index, publish: (id) => keep(recordOf(id)), keep }
}

/** An index that points into a log, with the log. */
export const logged = (index: AuditIndex, log: EventLog): AuditIndex & Publishing => {
  const keep = async (record: LogRecord): Promise<RawRecord> => {
    const [offset = 0] = await log.publish([record])
    return { ...record, partition: 0, offset }
  }
  return {
    ...index,
    publish: (id) => keep(recordOf(id)),
    keep,
    close: async () => {
      await log.close()
      await index.close()
    },
  }
}
