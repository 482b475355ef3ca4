import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'
import type { KeyFiles, RingKey } from '../../../shared/tokens/key-rings/index.ts'

const ringNames = ['signing', 'refresh', 'set'] as const
type RingName = (typeof ringNames)[number]
type Known = Pick<RingKey, 'kid' | 'alg' | 'status'>

/** What gateways know of the keys at one instant, without their secrets. */
export type KeysSeen = Readonly<Record<RingName, readonly Known[]>>

const known = (keys: readonly RingKey[]): readonly Known[] =>
  keys.map(({ kid, alg, status }) => ({ kid, alg, status }))

export const keysIn = ({ access, refresh, sets }: KeyFiles): KeysSeen => ({
  signing: known(access.keys),
  refresh: known(refresh.keys),
  set: known(sets.current()?.keys ?? []),
})

type Change = Readonly<{ fields: LogFields; message: string }>

const activeOf = (keys: readonly Known[]): Known | undefined =>
  keys.find(({ status }) => status === 'active')

const changesOf = (ring: RingName, before: readonly Known[], now: readonly Known[]): Change[] => {
  const [was, is] = [activeOf(before), activeOf(now)]
  const gone = before.filter(({ kid }) => now.every((one) => one.kid !== kid))
  const rotated = is && was && is.kid !== was.kid
  return [
    ...(rotated
      ? [
          {
            fields: { event: 'key_rotated', ring, kid: is.kid, alg: is.alg, before: was.kid },
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

/** One line for each key that signs from now on, and for each that is gone. */
export const tellKeyChanges = (logger: Logger, before: KeysSeen, now: KeysSeen): void => {
  for (const ring of ringNames) {
    for (const { fields, message } of changesOf(ring, before[ring], now[ring])) {
      logger.info(fields, message)
    }
  }
}
