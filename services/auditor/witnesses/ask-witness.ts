import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import {
  type BoundedAnswer,
  boundedFetch,
  type Fetch,
} from '../../../shared/kernel/http/bounded-fetch.ts'
import { formatAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts'
import { type Checkpoint, logHash, parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'

import { type NoteSignature, parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import type { SignedHead } from '../files/index.ts'
import type { ConfiguredWitness } from './configured-witness.ts'

export type AskDeps = Readonly<{ fetch: Fetch; clock: Clock }>

const timeoutMs = 5_000
const bytesMax = 16 * 1024

/** A path below the address of a witness. @throws AuthError WITNESS_UNAVAILABLE */
export const requestWitness = (
  { url }: ConfiguredWitness,
  path: string,
  init: RequestInit,
  { fetch, clock }: AskDeps,
): Promise<BoundedAnswer> =>
  boundedFetch({
    ...{ fetch, clock, timeoutMs, bytesMax, init },
    url: new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url),
    code: 'WITNESS_UNAVAILABLE',
  })

/** What the witness cosigned last of this log, by its signature; `null` when it shows nothing. */
const shownBy = async (
  witness: ConfiguredWitness,
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
  witness: ConfiguredWitness,
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

/**
 * `disowned`: the witness shows a tree of this log, with its signature, that the trail does not go
 * on from.
 */
export type WitnessAnswer =
  | Readonly<{ outcome: 'cosigned'; signature: NoteSignature }>
  | Readonly<{ outcome: 'disowned'; text: string }>

/** The witness’s own signature of this head among the lines of its answer. */
const cosignatureIn = (
  text: string,
  { note }: SignedHead,
  { verifier, url }: ConfiguredWitness,
): NoteSignature => {
  try {
    const answered = parseNote(Buffer.from(`${note.text}\n${text}`))
    verifyNote(answered, [verifier])
    const found = answered.signatures.find(
      ({ name, keyId }) => name === verifier.name && keyId === verifier.keyId,
    )
    if (found) return found
  } catch (error) {
    if (!isAuthError(error, 'TRAIL_INVALID')) throw error
  }
  throw new AuthError('WITNESS_UNAVAILABLE', `${url.origin} answered no cosignature of its key`)
}

const sizeIn = ({ contentType, text }: BoundedAnswer): number | null => {
  const size = /^(0|[1-9]\d{0,15})\n$/.test(text) ? Number(text) : Number.NaN
  return contentType.startsWith('text/x.tlog.size') && Number.isSafeInteger(size) ? size : null
}

const post = (witness: ConfiguredWitness, body: Buffer, deps: AskDeps): Promise<BoundedAnswer> => {
  const headers = { 'content-type': 'text/plain' }
  const init = { method: 'POST', body: new Uint8Array(body), headers }
  return requestWitness(witness, '/add-checkpoint', init, deps)
}

/** It does not cosign: because of another past, which it must show, or for a reason of its own. */
const refused = async (
  witness: ConfiguredWitness,
  head: SignedHead,
  deps: AskDeps,
  said: string,
): Promise<WitnessAnswer> => {
  const text = await otherPast(witness, head, deps)
  if (text !== null) return { outcome: 'disowned', text }
  const { origin } = witness.url
  throw new AuthError('WITNESS_UNAVAILABLE', `${origin} answered ${said}, and shows no other past`)
}

/**
 * Asks one witness to cosign a head, from the size that it cosigned last, which it says itself when
 * it is another one.
 * @throws AuthError WITNESS_UNAVAILABLE when it does not answer, or answers what is no answer
 */
export const askWitness = async (
  witness: ConfiguredWitness,
  head: SignedHead,
  from: number,
  deps: AskDeps,
): Promise<WitnessAnswer> => {
  const { size } = head.checkpoint
  let oldSize = Math.min(from, size)
  // A second time only: who says another size again and again is asked in the next round.
  for (let tries = 0; tries < 2; tries += 1) {
    const proof = await head.proofFrom(oldSize)
    const answer = await post(
      witness,
      formatAddCheckpoint({ oldSize, proof, note: head.bytes }),
      deps,
    )
    if (answer.status === 200) {
      return { outcome: 'cosigned', signature: cosignatureIn(answer.text, head, witness) }
    }
    if (answer.status === 422) return refused(witness, head, deps, '422')
    const known = answer.status === 409 ? sizeIn(answer) : null
    if (known === null) {
      throw new AuthError('WITNESS_UNAVAILABLE', `${witness.url.origin} answered ${answer.status}`)
    }
    // The size that it was asked from: what it has against the checkpoint is not that.
    if (known > size || known === oldSize) return refused(witness, head, deps, `409 with ${known}`)
    oldSize = known
  }
  throw new AuthError('WITNESS_UNAVAILABLE', `${witness.url.origin} was asked by another at once`)
}
