import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { partPersonal } from '../../../shared/events/personal-fields.ts'
import { agreeOnRing } from '../../../shared/fleet/fleet-agreement.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { ProcessContext } from '../../../shared/kernel/process/process-context.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { PersonalKeys } from '../../../shared/ports/personal-keys.ts'
import type { SessionList } from '../../../shared/ports/session-list.ts'
import {
  type EventSealer,
  openedSessionList,
  openPrivacy,
  type Privacy,
} from '../../../shared/privacy/index.ts'
import {
  keyFileNames,
  openPersonalRing,
  wrappingRingOf,
} from '../../../shared/tokens/key-rings/index.ts'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'

/**
 * `null` where the files of the fleet’s keys are not at hand. A command makes none: the gateway
 * that starts next may have its keys in another folder, and would find a store of another ring.
 */
export type OpenPrivacy = () => Promise<Privacy | null>

export type PersonalParts = ProcessContext &
  Readonly<{
    dir: string
    groupAccess: GroupAccess
    store: EventStore
    keys: PersonalKeys
  }>

/** What a command opens and seals with, once it needs to. @throws AuthError KEYS_INVALID */
export const personalOpener = (parts: PersonalParts): OpenPrivacy => {
  const { dir, entropy, clock, groupAccess, store, keys } = parts
  let opened: Promise<Privacy> | null = null
  const isThere = (name: string): boolean => existsSync(join(dir, name))
  const open = async (): Promise<Privacy> => {
    const { personal, addressKey } = await openPersonalRing({ dir, entropy, groupAccess })
    await agreeOnRing(store, 'personal', personal.ringId)
    return openPrivacy({ keys, ring: wrappingRingOf(personal), addressKey, clock, entropy })
  }
  return async () => {
    if (!isThere(keyFileNames.personal) || !isThere(keyFileNames.address)) return null
    opened ??= open()
    return opened
  }
}

/** @throws AuthError KEYS_INVALID where it is not at hand */
export const requirePrivacy = async (open: OpenPrivacy, dir: string): Promise<Privacy> => {
  const privacy = await open()
  if (privacy) return privacy
  const why = `${keyFileNames.personal} or ${keyFileNames.address} is not in ${dir}`
  throw new AuthError('KEYS_INVALID', `${why}: copy them from a gateway's key directory`)
}

/** The list as it is stored where no keys are at hand: without addresses and agents. */
export const listOpenedBy = (open: OpenPrivacy, list: SessionList): SessionList => ({
  fold: (entries) => list.fold(entries),
  sweep: (at, limit) => list.sweep(at, limit),
  close: () => list.close(),
  page: async (sub, after, limit) => {
    const privacy = await open()
    return (privacy ? openedSessionList(list, privacy.opener) : list).page(sub, after, limit)
  },
})

/** Names that cannot be sealed are told to nobody. */
const withoutPersonal = (commit: NewCommit): NewCommit => ({
  ...commit,
  events: commit.events.map((event) => partPersonal(event).rest),
})

/** Seals what a command appends; few commands say anything of persons. */
export const commandSealer = (open: OpenPrivacy): Pick<EventSealer, 'seal'> => ({
  seal: (commit) => {
    if (commit.events.every((event) => partPersonal(event).fields.size === 0)) return commit
    return open().then((privacy) => privacy?.sealer.seal(commit) ?? withoutPersonal(commit))
  },
})
