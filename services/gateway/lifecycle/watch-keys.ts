import { type AuthEvent, event } from '../../../shared/events/event.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'
import type { KeyFiles, RingKey } from '../../../shared/tokens/key-rings/index.ts'

const ringNames = ['signing', 'refresh', 'set', 'log', 'events', 'personal'] as const
type RingName = (typeof ringNames)[number]
type PublicKeyInfo = Pick<RingKey, 'kid' | 'alg' | 'status'>

/** The keys of each ring at one instant, without their secrets. */
type KeySnapshot = Readonly<Record<RingName, readonly PublicKeyInfo[]>>

const publicInfo = (keys: readonly RingKey[]): readonly PublicKeyInfo[] =>
  keys.map(({ kid, alg, status }) => ({ kid, alg, status }))

const keySnapshot = ({ access, refresh, sets, logRings, personal }: KeyFiles): KeySnapshot => ({
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

const keyChanges = (before: KeySnapshot, now: KeySnapshot): readonly KeyChange[] =>
  ringNames.flatMap((ring) => changesOf(ring, before[ring], now[ring]))

const everyMs = 5_000

type WatchDeps = Readonly<{ keys: KeyFiles; clock: Clock; logger: Logger }>

export type KeyWatch = Closable &
  Readonly<{
    trouble: () => Error | null
    /** From now on `listener` hears of each change, beside the log. */
    onChange: (listener: (change: KeyChange) => void) => void
  }>

/**
 * Reads the key files again every 5 s, so that keys that `curfew keys rotate` wrote are taken. A
 * file that cannot be read is logged, and the gateway goes on with the keys that it has.
 */
export const watchKeys = ({ keys, clock, logger }: WatchDeps): KeyWatch => {
  const stop = new AbortController()
  const listeners: ((change: KeyChange) => void)[] = []
  let trouble: Error | null = null
  const run = async (): Promise<void> => {
    let before = keySnapshot(keys)
    for (;;) {
      await clock.sleep(everyMs, stop.signal)
      if (stop.signal.aborted) return
      const failure = await keys.reload().then(
        () => null,
        (error: Error) => error,
      )
      if (failure && !trouble) logger.error({ error: failure }, 'key files cannot be read anew')
      trouble = failure
      const now = keySnapshot(keys)
      for (const change of keyChanges(before, now)) {
        logger.info(change.fields, change.message)
        for (const listener of listeners) listener(change)
      }
      before = now
    }
  }
  const ended = run()
  return {
    trouble: () => trouble,
    onChange: (listener) => void listeners.push(listener),
    close: async () => {
      stop.abort()
      await ended
    },
  }
}
