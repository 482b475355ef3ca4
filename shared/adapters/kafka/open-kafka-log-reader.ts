import { AuthError } from '../../kernel/errors.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { type KafkaLogOptions, kafkaEventLog } from './event-log.ts'

const noPublisher = () => (): Promise<never> =>
  Promise.reject(new AuthError('INTERNAL', 'who only reads the event log publishes nothing'))

export type KafkaReaderOptions = Omit<
  KafkaLogOptions,
  'role' | 'revocationRetentionMs' | 'eventPartitions'
>

// What a writer needs to create a topic; a reader creates none.
const ofWriters = { revocationRetentionMs: 0, eventPartitions: 1 }

/**
 * The event log for who only reads it, as `openKafkaLog` gives it to a reader; without the code
 * that publishes.
 */
export const openKafkaLogReader = (options: KafkaReaderOptions): Promise<EventLog> =>
  kafkaEventLog({ ...options, ...ofWriters, role: 'reader' }, noPublisher)
