import { z } from 'zod'
import { act, client, count, ms, sid, sub, text } from './event-field-schemas.ts'

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
  /**
   * The auditor of `trail` lets go of leaves that were signed before an instant. Told before any of
   * them is deleted. Each event names all that went so far: the leaves below `to`, with the root
   * over them; what this one is about begins at `from`.
   */
  TrailRetained: {
    1: z.object({
      trail: z.string().max(300),
      before: ms,
      count,
      logs: z
        .array(
          z.object({
            log: z.string().max(64),
            ...{ from: count, to: count },
            root: z.string().max(44),
          }),
        )
        .max(300),
      /** Those that were in force, and hold nothing of it. */
      holds: z.array(hold).max(200),
      /** SHA-256 of the exports that have all of it; `null` where somebody did without. */
      exports: z
        .array(z.string().regex(/^[0-9a-f]{64}$/))
        .max(20)
        .nullable(),
      reason: text,
      ...act,
    }),
  },
  /**
   * An auditor found in the events what no right history holds: `one_successor` of a refresh token,
   * `none_used_after_end` of a session or token, `none_missing` in a stream. Once for each breach.
   */
  InvariantBroken: {
    1: z.object({
      invariant: z.enum(['one_successor', 'none_used_after_end', 'none_missing']),
      stream: z.string().max(300),
      ...{ sub: sub.nullable(), sid: sid.nullable() },
      /** Those that show it, in their order; of a missing one, its id. */
      events: z.array(z.string().max(320)).min(1).max(8),
    }),
  },
  /**
   * Somebody dealt with a dead letter, which lies at `offset` of `auth.deadletters`: its record,
   * from `laid`, was published again, or nobody needs it.
   */
  DeadLetterSettled: {
    1: z.object({ offset: count, laid: text, how: z.enum(['retried', 'dropped']), ...act }),
  },
  HoldReleased: { 1: z.object({ hold, reason: text, ...act }) },
} as const
