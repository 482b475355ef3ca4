import { z } from 'zod'
import { act, client, ms, sid, sub, text } from './event-fields.ts'

const hold = z.string().regex(/^[0-9a-f]{16}$/)

/** What becomes of the trail: what must stay in it. */
export const trailSchemas = {
  /**
   * From now on nothing that this covers is deleted. All that is given must hold of an event; where
   * nothing is, it covers every event. Whom it is about is not its `sub`: it is not told to them.
   */
  HoldPlaced: {
    1: z.object({
      hold,
      scope: z.object({
        ...{ user: sub.nullable(), session: sid.nullable(), client: client.nullable() },
        ...{ since: ms.nullable(), until: ms.nullable() },
      }),
      reason: text,
      ...act,
    }),
  },
  HoldReleased: { 1: z.object({ hold, reason: text, ...act }) },
} as const
