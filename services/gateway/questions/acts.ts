import { type Asking, type Page, pageOf, type ReadEvent } from '../audit/index.ts'
import type { Rows } from './question-rows.ts'

/** What somebody did to others, and what they read. */
export const actsOf = async (
  asking: Asking,
  actor: string,
  page: Page,
): Promise<Rows<ReadEvent>> => {
  const { events, next } = await pageOf(asking, { actor }, page)
  return { rows: events, next }
}
