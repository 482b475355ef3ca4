import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { logHash } from '../../../shared/tlog/log-origin.ts'
import { parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import type { SignedHead } from '../files/index.ts'
import type { AskedWitness } from './asked-witness.ts'
import { type AskDeps, requestWitness } from './request-witness.ts'

/** What the witness cosigned last of this log, by its signature; `null` when it shows nothing. */
const shownBy = async (
  witness: AskedWitness,
  origin: string,
  deps: AskDeps,
): Promise<Checkpoint | null> => {
  const path = `/${logHash(origin)}/checkpoint`
  const answer = await requestWitness(witness, path, { method: 'GET' }, deps)
  if (answer.status !== 200) return null
  try {
    const note = parseNote(Buffer.from(answer.text))
    verifyNote(note, [witness.verifier])
    const checkpoint = parseCheckpointText(note.text, 'passed_over')
    return checkpoint.origin === origin ? checkpoint : null
  } catch (error) {
    if (!isAuthError(error, 'TRAIL_INVALID')) throw error
    return null
  }
}

/**
 * What proves that the witness saw a past that this head does not go on from: a head that it
 * cosigned. `null` when there is none: a status alone says no more than that it refuses.
 * @throws AuthError TRAIL_INVALID when the trail’s own tiles are damaged, which is another trouble
 */
export const otherPast = async (
  witness: AskedWitness,
  head: SignedHead,
  deps: AskDeps,
): Promise<string | null> => {
  const { origin, size } = head.checkpoint
  const shown = await shownBy(witness, origin, deps)
  if (shown === null) return null
  if (shown.size > size) return `it cosigned ${shown.size} leaves, and there are ${size}`
  const isSame = (await head.rootAt(shown.size)).equals(shown.root)
  return isSame ? null : `of ${shown.size} leaves it cosigned another tree`
}
