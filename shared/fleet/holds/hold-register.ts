import { z } from 'zod'
import type { Act } from '../../events/event.ts'
import { eventSchemas } from '../../events/event.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { EpochMs } from '../../kernel/ids.ts'

const placed = eventSchemas.HoldPlaced[1].shape
const acted = z.object({ actor: placed.actor, address: placed.address, agent: placed.agent })

const retained = eventSchemas.TrailRetained[1].shape
const retention = z.object({
  /** Its event is named by it. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.int(),
  told: z.object(retained),
  /** All that it lets go of is deleted. */
  isDone: z.boolean(),
})

const schema = z.object({
  /** Of each trail, by its name, the newest one. */
  retentions: z.record(z.string(), retention).default({}),
  holds: z.array(
    z.object({
      id: placed.hold,
      scope: placed.scope,
      reason: placed.reason,
      at: z.int(),
      act: acted,
      /** Whether the log was told that it is there. */
      isTold: z.boolean(),
      /** It is being released: it goes as soon as the log was told. */
      release: z.object({ reason: placed.reason, act: acted }).nullable(),
    }),
  ),
})

/** What the store keeps of holds; all of it is in force. */
export type HoldRegister = Readonly<z.infer<typeof schema>>
export type Hold = Readonly<HoldRegister['holds'][number]>
/** What a trail lets go of, decided and written down before it is deleted. */
export type Retention = Readonly<z.infer<typeof retention>>
/** All that is given must hold of an event; where nothing is, every event is meant. */
export type HoldScope = Readonly<Hold['scope']>

export const noHolds = '{"holds":[]}'
const holdsMax = 200

/** @throws AuthError DATA_INVALID */
export const parseRegister = (text: string): HoldRegister => {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AuthError('DATA_INVALID', 'the store’s legal holds cannot be read', { cause })
  }
}

export type NewHold = Readonly<{
  id: string
  scope: HoldScope
  reason: string
  at: EpochMs
  act: Act
}>

/** @throws AuthError HOLDS_FULL */
export const withHold = (register: HoldRegister, hold: NewHold): HoldRegister => {
  if (register.holds.length >= holdsMax) {
    throw new AuthError('HOLDS_FULL', `there are ${holdsMax} legal holds already`)
  }
  return { ...register, holds: [...register.holds, { ...hold, isTold: false, release: null }] }
}

const changed = (
  register: HoldRegister,
  id: string,
  change: (hold: Hold) => Hold | null,
): HoldRegister => ({
  ...register,
  holds: register.holds.flatMap((hold) => {
    const kept = hold.id === id ? change(hold) : hold
    return kept === null ? [] : [kept]
  }),
})

/** Who asks first is who releases it. @throws AuthError NOT_FOUND */
export const withRelease = (
  register: HoldRegister,
  id: string,
  release: NonNullable<Hold['release']>,
): HoldRegister => {
  if (!register.holds.some((hold) => hold.id === id)) {
    throw new AuthError('NOT_FOUND', `there is no legal hold ${id}`)
  }
  return changed(register, id, (hold) => ({ ...hold, release: hold.release ?? release }))
}

/** The log was told of it. */
export const withTold = (register: HoldRegister, id: string, what: 'placed' | 'released') =>
  changed(register, id, (hold) => {
    // From where it was placed stands in the event, sealed.
    const act = { ...hold.act, address: null, agent: null }
    return what === 'placed' ? { ...hold, isTold: true, act } : null
  })

/**
 * Once this is in the store, a hold that comes later is later than the deletion.
 */
export const withRetention = (register: HoldRegister, retention: Retention): HoldRegister => ({
  ...register,
  retentions: { ...register.retentions, [retention.told.trail]: retention },
})
