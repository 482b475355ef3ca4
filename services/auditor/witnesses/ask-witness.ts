import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import {
  type BoundedAnswer,
  boundedFetch,
  type Fetch,
} from '../../../shared/kernel/http/bounded-fetch.ts'
import { formatAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts'
import { type NoteSignature, parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import type { AskedWitness } from './asked-witness.ts'
import type { SignedHead } from './signed-head.ts'

export type AskDeps = Readonly<{ fetch: Fetch; clock: Clock }>

/**
 * `disowned`: the witness has seen a tree of this log that the trail does not go on from.
 */
export type WitnessAnswer =
  | Readonly<{ outcome: 'cosigned'; signature: NoteSignature }>
  | Readonly<{ outcome: 'disowned'; text: string }>

const timeoutMs = 5_000
const bytesMax = 16 * 1024

const post = (
  { url }: AskedWitness,
  body: Buffer,
  { fetch, clock }: AskDeps,
): Promise<BoundedAnswer> => {
  const prefix = url.pathname.replace(/\/$/, '')
  return boundedFetch({
    ...{ fetch, clock, timeoutMs, bytesMax },
    url: new URL(`${prefix}/add-checkpoint`, url),
    init: { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': 'text/plain' } },
    code: 'WITNESS_UNAVAILABLE',
  })
}

/** The witness’s own signature of this head among the lines of its answer. */
const cosignatureIn = (
  text: string,
  { note }: SignedHead,
  { verifier, url }: AskedWitness,
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

/**
 * Asks one witness to cosign a head, from the size that it cosigned last, which it says itself when
 * it is another one.
 * @throws AuthError WITNESS_UNAVAILABLE when it does not answer, or answers what is no answer
 */
export const askWitness = async (
  witness: AskedWitness,
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
    if (answer.status === 422) return { outcome: 'disowned', text: answer.text.slice(0, 200) }
    const known = answer.status === 409 ? sizeIn(answer) : null
    if (known === null) {
      throw new AuthError('WITNESS_UNAVAILABLE', `${witness.url.origin} answered ${answer.status}`)
    }
    if (known > size) {
      return { outcome: 'disowned', text: `it cosigned ${known} leaves, and there are ${size}` }
    }
    oldSize = known
  }
  throw new AuthError('WITNESS_UNAVAILABLE', `${witness.url.origin} was asked by another at once`)
}
