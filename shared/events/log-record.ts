/** The topics of the event log, and what each promises (docs/architecture.md). */
export type Topic = 'auth.events' | 'auth.revocations' | 'auth.deadletters'

/**
 * A record as every log keeps it: CloudEvents 1.0, Kafka binary content mode (attributes in `ce_`
 * headers).
 */
export type LogRecord = Readonly<{
  topic: Topic
  key: string
  headers: Readonly<Record<string, string>>
  value: string
}>

/** Text where a log keeps text; bytes may be anything, since other producers can write. */
export type RawText = Buffer | string

export const textOf = (raw: RawText | null): string =>
  typeof raw === 'string' ? raw : (raw?.toString('utf8') ?? '')

/** A record as it was read. */
export type RawRecord = Readonly<{
  topic: Topic
  partition: number
  offset: number
  key: RawText | null
  headers: Readonly<Record<string, string>>
  value: RawText | null
  /** In place of a record, or of a batch, that could not be read; `value` begins its bytes. */
  unread?: Unread
}>

/**
 * `mayBeOurs`: a gateway may have written it, and it was damaged in the log; else another producer
 * wrote it.
 */
export type Unread = Readonly<{ problem: string; mayBeOurs: boolean }>
