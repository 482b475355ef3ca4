import type { AuditEventBody, AuditPageBody } from '../../../gateway/answers.ts'
import { ask, type Failed } from './ask.ts'
import type { Filter } from './filter.ts'

const pageSize = '1000'
/** A browser keeps the file in its memory until it is whole. */
const eventsMax = 200_000

export type Progress = Readonly<{ events: number; reached: string | null }>
export type Exported = Readonly<{ text: string; isWhole: boolean }>

/** All events of a filter, oldest first, an event a line; `tell` hears how far it came. */
export const exportEvents = async (
  filter: Filter,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Exported | Failed> => {
  const lines: string[] = []
  let after: string | null = null
  do {
    const from: Readonly<Record<string, string>> = after === null ? {} : { after }
    const query = { ...filter, ...from, order: 'oldest', limit: pageSize }
    const answer = await ask<AuditPageBody>('/audit/events', { query, signal })
    if (!answer.ok) return answer
    const { events } = answer.body
    lines.push(...events.map((event: AuditEventBody) => JSON.stringify(event)))
    after = answer.body.next
    tell({ events: lines.length, reached: events.at(-1)?.time ?? null })
  } while (after !== null && lines.length < eventsMax)
  return { text: lines.map((line) => `${line}\n`).join(''), isWhole: after === null }
}
