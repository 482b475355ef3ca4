import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  longestLifetimeMs,
  retentionOf,
  type SessionPolicy,
} from '../../../shared/session/session-policy.ts'
import type { KeyRing, RingKey } from '../../../shared/tokens/key-rings/index.ts'
import type { Algorithm } from '../../../shared/tokens/keys/index.ts'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'

/** The rings that rotate, by the name that people type, and what they are in the key folder. */
export const rings = {
  signing: 'access',
  refresh: 'refresh',
  set: 'set',
  log: 'mac',
  events: 'events',
  personal: 'personal',
} as const
export type RingName = keyof typeof rings
export const isRingName = (text: string): text is RingName => Object.hasOwn(rings, text)
export type Ring = KeyRing<(typeof rings)[RingName]>

/** What rotations follow from the settings. */
export type KeySettings = Pick<
  SessionPolicy,
  'accessLifetimeMs' | 'slidingLifetimeMs' | 'foreignLifetimeMs' | 'refreshLifetimeMs'
> &
  Readonly<{ algorithm: Algorithm | null; leewayMs: number; groupAccess: GroupAccess }>

export type KeyFolderContext = Readonly<{
  dir: string
  config: KeySettings
  entropy: Entropy
  clock: Clock
}>

/**
 * Only the ring of access tokens has a choice: refresh tokens never leave the gateway, every
 * receiver must know RS256, and MACs are of one kind.
 */
export const wantedFor = (
  { config }: KeyFolderContext,
  name: RingName,
  { active }: Ring,
): Algorithm => {
  switch (name) {
    case 'signing':
      return config.algorithm ?? active.alg
    case 'set':
      return 'RS256'
    case 'refresh':
    case 'log':
    case 'events':
    case 'personal':
      return 'HS256'
  }
}

const dayMs = 86_400_000
const marginMs = 5 * 60_000
/** A log lets go of whole segments, which hold up to a week; an operator may have set more. */
const segmentsMs = 30 * dayMs

/** How long what the old key signed last is still read; `null` for ever. */
export const overlapMs = ({ config }: KeyFolderContext, name: RingName): number | null => {
  const longestMs = longestLifetimeMs(config)
  const ofTokens = config.leewayMs + marginMs
  switch (name) {
    case 'signing':
      return longestMs + ofTokens
    case 'refresh':
      return config.refreshLifetimeMs + ofTokens
    case 'set': // SETs do not expire: for receivers that put them aside and verify them later.
      return dayMs + ofTokens
    case 'log':
      return retentionOf(longestMs) + segmentsMs
    case 'events':
    case 'personal':
      return null
  }
}

/**
 * Whether the ring signs tokens. A refused token comes again; a record that a reader cannot check
 * is passed over for good.
 */
export const isForTokens = (name: RingName): boolean =>
  name !== 'log' && name !== 'events' && name !== 'personal'

/** Readers would refuse what a key signs that they have not seen, and never look at it again. */
export const refuseAtOnce = (name: RingName): void => {
  if (isForTokens(name)) return
  if (name === 'personal') {
    throw new AuthError(
      'INPUT_INVALID',
      '--now is not for the ring personal: a gateway that does not know the key yet could open ' +
        'no key that another one wrapped. Rotate without it, 5 minutes after the file last changed',
    )
  }
  throw new AuthError(
    'INPUT_INVALID',
    `--now is not for the ring ${name}: a record that a reader cannot check yet is passed over, ` +
      'and a revocation may be one. Rotate without it, 5 minutes after the file last changed',
  )
}

const endSessions = 'If it was stolen, end everybody’s sessions too'
export const afterRemoval: Readonly<Record<RingName, string>> = {
  signing: endSessions,
  refresh: endSessions,
  set: 'Receivers refuse what it signed once they fetch the key set anew',
  log: 'Nothing that it signed is in force',
  events: 'Who reads the log from its start parks what it signed',
  personal: 'It wrapped nothing',
}

/** A key that signs, or whose records are still read, goes only on purpose, or not at all. */
export const refuseInUse = (
  name: RingName,
  { kid, status, notAfter }: RingKey,
  now: EpochMs,
  isMeant: boolean,
): void => {
  const isRead = status === 'active' || (status === 'retired' && (notAfter ?? now) >= now)
  if (name === 'log' && isRead) {
    throw new AuthError(
      'INPUT_INVALID',
      `${kid} signed revocations that may be in force: a guard that starts without it would not ` +
        'know them. `curfew keys list` says until when it stays; a rotation after that drops it',
    )
  }
  if (name === 'personal' && isRead) {
    throw new AuthError(
      'INPUT_INVALID',
      `${kid} wraps the keys of persons: without it nobody could read what events say of them. ` +
        'It stays after a rotation',
    )
  }
  if (isMeant || (status !== 'active' && !(name === 'events' && isRead))) return
  const harm =
    name === 'events'
      ? `signed events of ${name}, and whoever reads them anew parks them without it`
      : `is the key that signs for ${name}: all that it signed dies with it`
  throw new AuthError(
    'INPUT_INVALID',
    `${kid} ${harm}, and nothing was removed. ` +
      '`curfew keys rotate` lets the next one sign first; --yes removes it now',
  )
}
