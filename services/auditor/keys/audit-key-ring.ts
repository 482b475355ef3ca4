import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import {
  type NoteKey,
  noteVerifier,
  publicBytesOf,
  signNote,
  verifierKey,
} from '../../../shared/tlog/note-key.ts'
import type { NoteSignature, NoteVerifier } from '../../../shared/tlog/signed-note.ts'

/** A former key signs beside the active one until this instant, and verifies for ever. */
type AuditKey = Readonly<{ privateKey: KeyObject; until: EpochMs | null }>

/** How long who pinned the old key has time to learn the new one. */
const overlapMs = 30 * 86_400_000

/** The keys that sign checkpoints: the active one first. They belong to the auditor alone. */
export class AuditKeyRing {
  readonly #keys: readonly AuditKey[]

  private constructor(keys: readonly AuditKey[]) {
    this.#keys = keys
  }

  static made(): AuditKeyRing {
    return new AuditKeyRing([
      { privateKey: generateKeyPairSync('ed25519').privateKey, until: null },
    ])
  }

  /** @throws AuthError KEYS_INVALID with what is wrong of `text` */
  static parsed(text: string): AuditKeyRing {
    const read = parseStrictJson(text, { depthMax: 4 })
    const keys = read.ok && isPlainObject(read.value) ? read.value['keys'] : null
    if (!Array.isArray(keys) || keys.length === 0) throw damaged('it has no keys')
    const ring = new AuditKeyRing(keys.map(keyIn))
    const actives = ring.#keys.filter(({ until }) => until === null)
    if (actives.length !== 1 || actives[0] !== ring.#keys[0]) throw damaged('no key is active')
    return ring
  }

  /** The text of its file. */
  serialized(): string {
    const keys = this.#keys.map(({ privateKey, until }) => ({
      ...privateKey.export({ format: 'jwk' }),
      until,
    }))
    return `${JSON.stringify({ version: 1, keys }, null, 2)}\n`
  }

  /** A new key signs; the one before it signs beside it for thirty days. */
  rotated(now: EpochMs): AuditKeyRing {
    const former = this.#keys.map(({ privateKey, until }) => ({
      privateKey,
      until: until ?? ((now + overlapMs) as EpochMs),
    }))
    return new AuditKeyRing([...AuditKeyRing.made().#keys, ...former])
  }

  sign(text: string, name: string, now: EpochMs): readonly NoteSignature[] {
    return this.#keys
      .filter(({ until }) => until === null || until > now)
      .map(({ privateKey }) => signNote(text, name, privateKey))
  }

  verifiers(name: string): readonly NoteVerifier[] {
    return this.#publicKeys(name).map(noteVerifier)
  }

  /** What others verify with, the active one first. */
  verifierKeys(name: string): readonly string[] {
    return this.#publicKeys(name).map(verifierKey)
  }

  #publicKeys(name: string): readonly NoteKey[] {
    return this.#keys.map(({ privateKey }) => ({
      name,
      kind: 'log',
      publicBytes: publicBytesOf(privateKey),
    }))
  }
}

const damaged = (problem: string): AuthError => new AuthError('KEYS_INVALID', problem)

const keyIn = (found: unknown): AuditKey => {
  if (!isPlainObject(found)) throw damaged('a key is none')
  const { until, ...jwk } = found
  if (until !== null && !Number.isSafeInteger(until)) throw damaged('a key has no end')
  try {
    const privateKey = createPrivateKey({ format: 'jwk', key: jwk })
    publicBytesOf(privateKey)
    return { privateKey, until: until as EpochMs | null }
  } catch {
    // What was thrown may quote the key.
    throw damaged('a key is not of Ed25519')
  }
}
