import { createHash } from 'node:crypto'
import { AuthError } from '../kernel/errors.ts'
import type { TreeHead } from './merkle-proof.ts'
import {
  formatNote,
  type NoteSignature,
  type NoteVerifier,
  parseNote,
  verifyNote,
} from './signed-note.ts'
import { hashInBase64 } from './strict-base64.ts'

/**
 * Whether a key of this name signs the log of `origin`: that of its own name, and those of an
 * origin below it (`name/…`). One key serves all logs of a trail.
 */
export const signsLog = (name: string, origin: string): boolean =>
  origin === name || origin.startsWith(`${name}/`)

/** Under which a witness shows what it cosigned last of a log (C2SP tlog-witness). */
export const logHash = (origin: string): string => createHash('sha256').update(origin).digest('hex')

/** A log’s size and root, under the name of the log (C2SP tlog-checkpoint). */
export type Checkpoint = TreeHead & Readonly<{ origin: string }>

const refuse = (problem: string): never => {
  throw new AuthError('TRAIL_INVALID', `the checkpoint ${problem}`)
}

/** The text that is signed. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`

/** Lines behind the third, which a log may add, and which say nothing here. */
type ExtensionLines = 'refused' | 'passed_over'

/** @throws AuthError TRAIL_INVALID when it is none */
export const parseCheckpointText = (
  text: string,
  extensions: ExtensionLines = 'refused',
): Checkpoint => {
  const [origin = '', decimal = '', encoded = '', ...rest] = text.split('\n')
  const more = rest.slice(0, -1)
  const isWhole = rest.at(-1) === '' && !more.includes('')
  if (!isWhole || (more.length > 0 && extensions === 'refused')) {
    return refuse('has not three lines')
  }
  const size = Number(decimal)
  if (origin === '') return refuse('names no log')
  if (!/^(?:0|[1-9]\d*)$/.test(decimal) || !Number.isSafeInteger(size)) {
    return refuse('has a size that is none')
  }
  const root = hashInBase64(encoded) ?? refuse('has a root that is none')
  return { origin, size, root }
}

export const formatCheckpoint = (
  checkpoint: Checkpoint,
  signatures: (text: string) => readonly NoteSignature[],
): Buffer => {
  const text = checkpointText(checkpoint)
  return formatNote({ text, signatures: signatures(text) })
}

export type Signed = Readonly<{ checkpoint: Checkpoint; by: readonly NoteVerifier[] }>

/**
 * The checkpoint in a signed note, and who of `known` signed it.
 * @throws AuthError TRAIL_INVALID as `verifyNote`
 */
export const openCheckpoint = (bytes: Buffer, known: readonly NoteVerifier[]): Signed => {
  const note = parseNote(bytes)
  const by = verifyNote(note, known)
  return { checkpoint: parseCheckpointText(note.text), by }
}

/**
 * The same for a log that is believed: a key of its name, or of what its name begins with, signed
 * it. What witnesses sign comes in addition, and is never enough.
 * @throws AuthError TRAIL_INVALID also when nobody but witnesses and other logs signed it
 */
export const openOwnCheckpoint = (bytes: Buffer, known: readonly NoteVerifier[]): Signed => {
  const opened = openCheckpoint(bytes, known)
  const { origin } = opened.checkpoint
  const isOwn = ({ kind, name }: NoteVerifier): boolean => kind === 'log' && signsLog(name, origin)
  if (!opened.by.some(isOwn)) refuse(`of ${origin} is not signed by a key of that log`)
  return opened
}
