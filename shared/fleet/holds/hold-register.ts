import { z } from 'zod'
import type { Act } from '../../events/event.ts'
import { eventSchemas } from '../../events/event.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../kernel/ids.ts'

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

/** A subject whose key is about to be dropped; written before the key is dropped. */
const erasing = z.object({ sub: z.string(), at: z.int() })

const schema = z.object({
  erasing: z.array(erasing).default([]),
  /** The newest retention of each trail, by the name of the trail. */
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

/** An erasure drops the key within this time, or does not; a hold waits for it no longer. */
export const erasureMaxMs = 60_000

/** A hold that names nobody may be about anybody. */
export const mayConcern = ({ user }: Pick<HoldScope, 'user'>, sub: string): boolean =>
  user === null || user === sub

/**
 * Once this is in the store, no hold that may concern the user is placed until the erasure is over.
 * @throws AuthError LEGAL_HOLD while there is one
 */
export const withErasure = (register: HoldRegister, sub: SubjectId, at: EpochMs): HoldRegister => {
  const hold = register.holds.find(({ scope }) => mayConcern(scope, sub))
  if (hold)
    throw new AuthError('LEGAL_HOLD', `the legal hold ${hold.id} keeps this: ${hold.reason}`)
  const others = register.erasing.filter((one) => one.sub !== sub && at - one.at < erasureMaxMs)
  return { ...register, erasing: [...others, { sub, at }] }
}

/** The key is gone. */
export const withoutErasure = (register: HoldRegister, sub: SubjectId): HoldRegister => ({
  ...register,
  erasing: register.erasing.filter((one) => one.sub !== sub),
})

/** @throws AuthError HOLDS_FULL, STORE_CONTENDED while somebody whom it may concern is erased */
export const withHold = (register: HoldRegister, hold: NewHold): HoldRegister => {
  const erased = register.erasing.find(
    ({ sub, at }) => mayConcern(hold.scope, sub) && hold.at - at < erasureMaxMs,
  )
  if (erased) {
    const text = `the user ${erased.sub} is being erased now: begin again in a minute`
    throw new AuthError('STORE_CONTENDED', text)
  }
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

/** If several people release a hold, the first one counts. @throws AuthError NOT_FOUND */
export const withRelease = (
  register: HoldRegister,
  id: string,
  release: NonNullable<Hold['release']>,
): HoldRegister => {
  if (!register.holds.some((hold) => hold.id === id)) {
    throw new AuthError('NOT_FOUND', `there is no legal hold ${JSON.stringify(id)}`)
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
