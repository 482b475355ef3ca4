import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'
import type { KeyFiles, RingKey } from '../../../shared/tokens/key-rings/index.ts'

const ringNames = ['signing', 'refresh', 'set', 'log', 'events'] as const
type RingName = (typeof ringNames)[number]
type PublicKeyInfo = Pick<RingKey, 'kid' | 'alg' | 'status'>

/** The keys of each ring at one instant, without their secrets. */
export type KeySnapshot = Readonly<Record<RingName, readonly PublicKeyInfo[]>>

const publicInfo = (keys: readonly RingKey[]): readonly PublicKeyInfo[] =>
  keys.map(({ kid, alg, status }) => ({ kid, alg, status }))

export const keySnapshot = ({ access, refresh, sets, logRings }: KeyFiles): KeySnapshot => ({
  signing: publicInfo(access.keys),
  refresh: publicInfo(refresh.keys),
  set: publicInfo(sets.current()?.keys ?? []),
  log: publicInfo(logRings.mac.keys),
  events: publicInfo(logRings.events.keys),
})

type Change = Readonly<{ fields: LogFields; message: string }>

const activeOf = (keys: readonly PublicKeyInfo[]): PublicKeyInfo | undefined =>
  keys.find(({ status }) => status === 'active')

const changesOf = (
  ring: RingName,
  before: readonly PublicKeyInfo[],
  now: readonly PublicKeyInfo[],
): Change[] => {
  const [activeBefore, activeNow] = [activeOf(before), activeOf(now)]
  const gone = before.filter(({ kid }) => now.every((key) => key.kid !== kid))
  const rotated = activeNow && activeBefore && activeNow.kid !== activeBefore.kid
  return [
    ...(rotated
      ? [
          {
            fields: {
              event: 'key_rotated',
              ring,
              kid: activeNow.kid,
              alg: activeNow.alg,
              before: activeBefore.kid,
            },
            message: `another key signs (${ring})`,
          },
        ]
      : []),
    ...gone.map(({ kid, alg }) => ({
      fields: { event: 'key_removed', ring, kid, alg },
      message: `a key is good no more (${ring})`,
    })),
  ]
}

/** Writes a log line for each key that signs from now on, and for each that is gone. */
export const logKeyChanges = (logger: Logger, before: KeySnapshot, now: KeySnapshot): void => {
  for (const ring of ringNames) {
    for (const { fields, message } of changesOf(ring, before[ring], now[ring])) {
      logger.info(fields, message)
    }
  }
}
