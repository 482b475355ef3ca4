import type { EpochMs } from '../../../shared/kernel/ids.ts'

/** What auditors ask; ids, and no names. */
export type Question =
  /** Who held a live session or token at this instant; `null`: of everybody. */
  | Readonly<{ ask: 'held'; user: string | null; at: EpochMs }>
  /** Every token of a session, from first to last. */
  | Readonly<{ ask: 'tokens'; session: string }>
  /** What an administrator, a service or a command line did. */
  | Readonly<{ ask: 'acts'; actor: string }>
  /** How long after each revocation the slowest guard refused; which guards were stale. */
  | Readonly<{ ask: 'refusals'; user: string | null }>
  /** Which tokens were used after their revocation: there must be none. */
  | Readonly<{ ask: 'used-after'; user: string | null }>
  /** Logins from an address that was new for the user. */
  | Readonly<{ ask: 'new-addresses'; user: string | null }>
