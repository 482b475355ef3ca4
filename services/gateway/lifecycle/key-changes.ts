import { type AuthEvent, event } from '../../../shared/events/event.ts'
import type { LogFields } from '../../../shared/kernel/logger.ts'
import type { KeyFiles, RingKey } from '../../../shared/tokens/key-rings/index.ts'

const ringNames = ['signing', 'refresh', 'set', 'log', 'events', 'personal'] as const
type RingName = (typeof ringNames)[number]
type PublicKeyInfo = Pick<RingKey, 'kid' | 'alg' | 'status'>

/** The keys of each ring at one instant, without their secrets. */
export type KeySnapshot = Readonly<Record<RingName, readonly PublicKeyInfo[]>>

const publicInfo = (keys: readonly RingKey[]): readonly PublicKeyInfo[] =>
  keys.map(({ kid, alg, status }) => ({ kid, alg, status }))

export const keySnapshot = ({
  access,
  refresh,
  sets,
  logRings,
  personal,
}: KeyFiles): KeySnapshot => ({
  signing: publicInfo(access.keys),
  refresh: publicInfo(refresh.keys),
  set: publicInfo(sets.current()?.keys ?? []),
  log: publicInfo(logRings.mac.keys),
  events: publicInfo(logRings.events.keys),
  personal: publicInfo(personal.keys),
})

/** A key that signs from now on, or that is gone: its log line, and its event, which has a name. */
export type KeyChange = Readonly<{
  fields: LogFields
  message: string
  name: string
  event: AuthEvent
}>

const activeOf = (keys: readonly PublicKeyInfo[]): PublicKeyInfo | undefined =>
  keys.find(({ status }) => status === 'active')

const rotation = (ring: RingName, { kid, alg }: PublicKeyInfo, before: string): KeyChange => ({
  fields: { event: 'key_rotated', ring, kid, alg, before },
  message: `another key signs (${ring})`,
  name: `key-rotated:${ring}:${before}:${kid}`,
  event: event('KeyRotated', { ring, kid, alg, before }),
})

const removal = (ring: RingName, { kid, alg }: PublicKeyInfo): KeyChange => ({
  fields: { event: 'key_removed', ring, kid, alg },
  message: `a key is good no more (${ring})`,
  name: `key-removed:${ring}:${kid}`,
  event: event('KeyRemoved', { ring, kid, alg }),
})

const changesOf = (
  ring: RingName,
  before: readonly PublicKeyInfo[],
  now: readonly PublicKeyInfo[],
): KeyChange[] => {
  const [activeBefore, activeNow] = [activeOf(before), activeOf(now)]
  const gone = before.filter(({ kid }) => now.every((key) => key.kid !== kid))
  const rotated = activeNow && activeBefore && activeNow.kid !== activeBefore.kid
  return [
    ...(rotated ? [rotation(ring, activeNow, activeBefore.kid)] : []),
    ...gone.map((key) => removal(ring, key)),
  ]
}

export const keyChanges = (before: KeySnapshot, now: KeySnapshot): readonly KeyChange[] =>
  ringNames.flatMap((ring) => changesOf(ring, before[ring], now[ring]))
