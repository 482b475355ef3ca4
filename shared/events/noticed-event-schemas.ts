import { z } from 'zod'
import { client, count, ms } from './event-field-schemas.ts'

/** What a key is known by, and what for. */
const ringKey = { ring: z.string().max(16), kid: z.string().max(64), alg: z.string().max(16) }
/** One process's guard, and what people call its service. */
const guard = { client, instance: z.string().max(64), name: z.string().max(64) }
/** The keyed hash of a setting; `null` where there was no such setting. */
const digest = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .nullable()
/** Rounded up to a bound of the guard's histogram; `null` beyond the last one. */
const bound = count.nullable()

/** What a fleet notices by itself, once, whoever notices it first: keys, settings, guards. */
export const noticedSchemas = {
  /** A gateway found in its files that another key signs. Once a fleet. */
  KeyRotated: { 1: z.object({ ...ringKey, before: z.string().max(64) }) },
  /** A gateway found that a key is gone from its files. Once a fleet. */
  KeyRemoved: { 1: z.object(ringKey) },
  /**
   * A gateway started with other settings than the one that started before it. Digests alone: what
   * a setting is may be a secret.
   */
  SettingsChanged: {
    1: z.object({
      changed: z
        .array(z.object({ name: z.string().max(64), before: digest, now: digest }))
        .max(256),
    }),
  },
  /** A guard reported that was not there a minute before. */
  GuardAttached: { 1: z.object({ ...guard, feed: z.string().max(64) }) },
  /** What it knows is older than it may be, or the guard began and knows nothing yet. */
  GuardStale: { 1: z.object({ ...guard, closedTime: ms.nullable() }) },
  GuardFresh: { 1: z.object({ ...guard, closedTime: ms.nullable() }) },
  /** It reported for the last time a minute ago. */
  GuardGone: { 1: z.object({ ...guard, reportedAt: ms }) },
  /**
   * What a guard saw of the trail does not go on from what it, or another one, saw. `split`: other
   * guards, or this gateway, are shown another past. `head` is what this guard holds true.
   */
  TrailDisputed: {
    1: z.object({
      ...guard,
      state: z.enum(['shorter', 'rewritten', 'discontinued', 'unsigned', 'split']),
      head: z
        .object({ origin: z.string().max(512), size: count, root: z.string().max(44) })
        .nullable(),
    }),
  },
  /**
   * How long revocations took until guards refused by them, from one look to the next, a minute
   * later: of each guard that refused by some for the first time.
   */
  PropagationMeasured: {
    1: z.object({
      from: ms,
      to: ms,
      guards: z
        .array(z.object({ ...guard, count, p50Ms: bound, p99Ms: bound, maxMs: bound }))
        .max(100),
    }),
  },
} as const
