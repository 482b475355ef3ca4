import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type NoteKeyKind, noteVerifier, publicBytesOf } from '../../../shared/tlog/note-key.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'

/** The seed as PKCS #8 has it (RFC 8410). */
export const privateKey = (fill: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, fill),
    ]),
    format: 'der',
    type: 'pkcs8',
  })
export const origin = 'auth.example.com/audit/log/0'

export const verifierOf = (
  key: KeyObject,
  name = origin,
  kind: NoteKeyKind = 'log',
): NoteVerifier => noteVerifier({ name, kind, publicBytes: publicBytesOf(key) })

export const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'none'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}
