import { signsLog } from '../../shared/tlog/log-origin.ts'
import { noteVerifier, parseVerifierKey } from '../../shared/tlog/note-key.ts'
import type { NoteVerifier } from '../../shared/tlog/signed-note.ts'

/** The logs that a witness cosigns, by the keys that sign them. */
export class KnownLogs {
  readonly #verifiers: readonly NoteVerifier[]

  /** @throws AuthError INPUT_INVALID for a verifier key that is none */
  constructor(verifierKeys: readonly string[]) {
    this.#verifiers = verifierKeys.map((key) => noteVerifier(parseVerifierKey(key)))
  }

  /** None for a log that is not known. */
  of(origin: string): readonly NoteVerifier[] {
    return this.#verifiers.filter(({ name }) => signsLog(name, origin))
  }
}
