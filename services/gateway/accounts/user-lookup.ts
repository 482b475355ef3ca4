import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import type { Credentials, Standing } from '../../../shared/ports/credentials.ts'
import type { GatewayParts } from '../parts.ts'
import { builtInCredentials, builtInVisits } from './built-in-users.ts'

export type Visit = Readonly<{
  /** A keyed hash of the address, and when the login came. */
  addressId: string
  at: EpochMs
}>

/** What a login leaves behind. A comfort and never a promise: a login stands without it. */
export interface Visits {
  /** Addresses that the user logged in from, newest last. */
  addressesOf(sub: SubjectId): Promise<readonly string[]>
  remember(sub: SubjectId, visit: Visit): Promise<void>
}

/** A directory outside takes none of Curfew's writes, so its visits are kept apart. */
export type People = Readonly<{ credentials: Credentials; visits: Visits }>

/** The team's own directory where there is one, else the built-in one. */
export const peopleOf = (parts: GatewayParts): People =>
  parts.ownPeople ?? {
    credentials: builtInCredentials(parts),
    visits: builtInVisits(parts),
  }

export type Asked = Standing | Readonly<{ state: 'unasked' }>

/**
 * Who the subject of a session is. The built-in directory is always asked: it may hold a change
 * whose cutoff is still due, which is then written first. Another directory costs a request, and is
 * asked only where its answer counts.
 */
export const askWho = async (parts: GatewayParts, sub: SubjectId): Promise<Asked> => {
  const isNeeded = !parts.ownPeople || parts.checkUserIsActive || parts.hook.onRefresh
  return isNeeded ? peopleOf(parts).credentials.bySub(sub) : { state: 'unasked' }
}

/** Whether a session of this subject may go on, by CURFEW_CHECK_USER_IS_ACTIVE. */
export const isWelcome = ({ checkUserIsActive }: GatewayParts, { state }: Asked): boolean =>
  !checkUserIsActive || state === 'active' || state === 'unasked'

/** `null` for somebody whom the directory does not know, or was not asked for. */
export const personIn = (asked: Asked) => ('person' in asked ? asked.person : null)
