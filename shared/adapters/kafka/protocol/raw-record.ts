import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { RawRecord, Topic, Unread } from '../../../events/log-record.ts'

const headerText = (value: IHeaders[string] | null): string => {
  // A header given twice is a foreign producer's; the first counts, and the MAC judges it.
  const first = Array.isArray(value) ? value[0] : value
  return first?.toString() ?? ''
}

export const toRawRecord = (
  topic: Topic,
  partition: number,
  message: KafkaMessage & Readonly<{ unread?: Unread }>,
): RawRecord => ({
  topic,
  partition,
  offset: Number(message.offset),
  key: message.key,
  headers: Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, headerText(value)]),
  ),
  value: message.value,
  ...(message.unread && { unread: message.unread }),
})
