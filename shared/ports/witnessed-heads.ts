/** What a witness cosigned last of one log. */
export type WitnessedHead = Readonly<{
  size: number
  /** Base64. */
  root: string
  /** The signed note: the log’s signatures that were verified, and the witness’s own. */
  note: string
}>

/**
 * The newest head of each log that a witness cosigned. `log` is the SHA-256 of the log’s origin, in
 * hexadecimal, by which C2SP tlog-witness asks for it too. Methods reject with
 * STORE_UNAVAILABLE when it cannot be read or written.
 */
export interface WitnessedHeads {
  /** `null` when the witness never cosigned this log. */
  latest(log: string): Promise<WitnessedHead | null>
  /**
   * Puts `next` in place of the head of `from` leaves, durably; 0 also where there is none yet.
   * Answers the one in force afterwards: another process may have been faster.
   */
  advance(log: string, from: number, next: WitnessedHead): Promise<WitnessedHead>
  close(): Promise<void>
}
