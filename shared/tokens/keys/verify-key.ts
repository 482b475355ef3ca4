import type { KeyObject } from 'node:crypto'
import type { EpochMs } from '../../kernel/ids.ts'
import type { Algorithm } from './algorithms.ts'

/** A key that checks signatures of exactly one algorithm: the token's header never chooses. */
export type VerifyKey = Readonly<{
  kid: string
  alg: Algorithm
  /** Public, or secret for HMAC. Always a `KeyObject`: 60 times faster than a Buffer (measured). */
  key: KeyObject
  /** From this instant on the key counts as unknown; `null` = while it is listed. */
  notAfter: EpochMs | null
}>

/** A `Map` fits: a key id is only ever looked up, never a path, a query or an address. */
export interface KeyLookup {
  get(kid: string): VerifyKey | undefined
}

/**
 * Marks keys that sign SETs and logout tokens: guards pass over them, so that not even a stolen one
 * of them makes an access token. Other readers ignore the member (RFC 7517, 4).
 */
export const setPurpose = 'secevent'
