import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'

export type LoginRecord = Readonly<{
  /** A keyed hash of the address, and when the login came. */
  addressId: string
  at: EpochMs
}>

/** What a login leaves behind. A comfort and never a promise: a login stands without it. */
export interface LoginHistory {
  /** Addresses that the user logged in from, newest last. */
  addressesOf(sub: SubjectId): Promise<readonly string[]>
  remember(sub: SubjectId, visit: LoginRecord): Promise<void>
}
