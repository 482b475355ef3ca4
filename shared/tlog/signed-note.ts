import { isUtf8 } from 'node:buffer'
import { AuthError } from '../kernel/errors.ts'
import { strictBase64 } from './strict-base64.ts'

/** A line `— name base64(key id ‖ signature)` of a note (C2SP signed-note). */
export type NoteSignature = Readonly<{ name: string; keyId: string; signature: Buffer }>

export type SignedNote = Readonly<{
  /** With its last line feed; without the empty line behind it. */
  text: string
  signatures: readonly NoteSignature[]
}>

/** Tells whether a signature of this name and key id is right. */
export type NoteVerifier = Readonly<{
  name: string
  keyId: string
  /** A log’s own, or that of a witness, which saw what a log had signed. */
  kind: 'log' | 'witness'
  verify: (text: string, signature: Buffer) => boolean
}>

const noteBytesMax = 1_000_000
const signaturesMax = 100
const keyIdBytes = 4
const separator = '\n\n'

const refuse = (problem: string): never => {
  throw new AuthError('TRAIL_INVALID', `the note ${problem}`)
}

/** As the specification has it: not empty, no space of Unicode, no plus. */
export const isNoteName = (name: string): boolean => name !== '' && !/[\s\u0085+]/u.test(name)

const signatureIn = (line: string): NoteSignature => {
  const [dash, name = '', encoded = '', ...more] = line.split(' ')
  const bytes = strictBase64(encoded)
  if (dash !== '—' || !isNoteName(name) || more.length > 0 || !bytes) {
    return refuse('has a line that is no signature')
  }
  if (bytes.length <= keyIdBytes) return refuse('has a signature that is too short')
  const keyId = bytes.subarray(0, keyIdBytes).toString('hex')
  return { name, keyId, signature: bytes.subarray(keyIdBytes) }
}

/** Says nothing of the signatures. @throws AuthError TRAIL_INVALID when it is no note */
export const parseNote = (bytes: Buffer): SignedNote => {
  if (bytes.length > noteBytesMax) refuse(`is longer than ${noteBytesMax} bytes`)
  if (!isUtf8(bytes)) refuse('is no UTF-8')
  const whole = bytes.toString('utf8')
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) refuse('has control characters')
  const split = whole.lastIndexOf(separator)
  if (split < 0 || !whole.endsWith('\n')) refuse('has no signatures')
  const lines = whole.slice(split + separator.length, -1).split('\n')
  if (lines.length > signaturesMax) refuse(`has more than ${signaturesMax} signatures`)
  return { text: whole.slice(0, split + 1), signatures: lines.map(signatureIn) }
}

/** With its line feed. */
export const signatureLine = ({ name, keyId, signature }: NoteSignature): string => {
  const bytes = Buffer.concat([Buffer.from(keyId, 'hex'), signature])
  return `— ${name} ${bytes.toString('base64')}\n`
}

export const formatNote = ({ text, signatures }: SignedNote): Buffer =>
  Buffer.from(`${text}\n${signatures.map(signatureLine).join('')}`)

/**
 * The verifiers whose signatures are on it. Keys that nobody here knows are passed over, so that a
 * log may sign with an old and a new one, and witnesses may add theirs.
 * @throws AuthError TRAIL_INVALID when a known key’s signature is wrong, or there is none
 */
export const verifyNote = (
  { text, signatures }: SignedNote,
  known: readonly NoteVerifier[],
): readonly NoteVerifier[] => {
  const found = new Set<NoteVerifier>()
  for (const { name, keyId, signature } of signatures) {
    const verifier = known.find((one) => one.name === name && one.keyId === keyId)
    if (!verifier || found.has(verifier)) continue
    if (!verifier.verify(text, signature)) {
      refuse(`has a signature of ${name} that is not of this text`)
    }
    found.add(verifier)
  }
  if (found.size === 0) refuse('is signed by no key that is known here')
  return [...found]
}
