import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { AuthError } from '../kernel/errors.ts'
import { isNoteName, type NoteSignature, type NoteVerifier } from './signed-note.ts'
import { strictBase64 } from './strict-base64.ts'

const timeBytes = 8
const signatureBytes = 64
/** The greatest timestamp that the specification allows. */
const secondsMax = 2n ** 63n - 1n

/** What a witness signs of a checkpoint’s text (C2SP tlog-cosignature, Ed25519). */
const cosignedText = (text: string, seconds: bigint): string =>
  `cosignature/v1\ntime ${seconds}\n${text}`

const timestampBytes = (seconds: bigint): Buffer => {
  const bytes = Buffer.alloc(timeBytes)
  bytes.writeBigUInt64BE(seconds)
  return bytes
}

/** When a witness signed, and with which bytes; no timestamp when it is no cosignature. */
export const splitCosignature = (
  signature: Buffer,
): Readonly<{ timestamp: bigint | null; bytes: Buffer }> => {
  const bytes = signature.subarray(timeBytes)
  if (signature.length !== timeBytes + signatureBytes) return { timestamp: null, bytes }
  const timestamp = signature.readBigUInt64BE()
  return { timestamp: timestamp <= secondsMax ? timestamp : null, bytes }
}

/** The kinds of signature that are made and read here, by their byte in a key. */
const kinds = { log: 0x01, witness: 0x04 } as const
export type NoteKeyKind = keyof typeof kinds

const publicBytesCount = 32

/** What is public of a key: whose it is, and of which kind. */
export type NoteKey = Readonly<{ name: string; kind: NoteKeyKind; publicBytes: Buffer }>

const encodingOf = ({ kind, publicBytes }: NoteKey): Buffer =>
  Buffer.concat([Buffer.from([kinds[kind]]), publicBytes])

/** Four bytes, in hexadecimal. */
const keyIdOf = (key: NoteKey): string =>
  createHash('sha256').update(`${key.name}\n`).update(encodingOf(key)).digest('hex').slice(0, 8)

/** `name+keyid+base64`, as people configure a verifier (a vkey). */
export const verifierKey = (key: NoteKey): string =>
  [key.name, keyIdOf(key), encodingOf(key).toString('base64')].join('+')

/** @throws AuthError INPUT_INVALID with what is wrong of it */
export const parseVerifierKey = (text: string): NoteKey => {
  const refuse = (problem: string): never => {
    throw new AuthError('INPUT_INVALID', `the verifier key ${problem}`)
  }
  const [name = '', keyId = '', ...rest] = text.split('+')
  // Base64 may have a plus of its own.
  const encoded = strictBase64(rest.join('+'))
  if (!isNoteName(name) || !encoded) return refuse('is not name+id+key')
  const kind = kinds.log === encoded[0] ? 'log' : kinds.witness === encoded[0] ? 'witness' : null
  if (kind === null || encoded.length !== 1 + publicBytesCount) return refuse('is not of Ed25519')
  const key: NoteKey = { name, kind, publicBytes: encoded.subarray(1) }
  return keyIdOf(key) === keyId ? key : refuse('has an id that is not its own')
}

const publicKeyOf = (bytes: Buffer): KeyObject =>
  createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
  })

export const publicBytesOf = (key: KeyObject): Buffer => {
  const { crv, x = '' } = createPublicKey(key).export({ format: 'jwk' })
  if (crv !== 'Ed25519') throw new AuthError('KEYS_INVALID', 'the key is not of Ed25519')
  return Buffer.from(x, 'base64url')
}

export const noteVerifier = (key: NoteKey): NoteVerifier => {
  const publicKey = publicKeyOf(key.publicBytes)
  const isRight = (text: string, signature: Buffer): boolean =>
    verify(null, Buffer.from(text), publicKey, signature)
  return {
    name: key.name,
    keyId: keyIdOf(key),
    kind: key.kind,
    verify: (text, signature) => {
      if (key.kind === 'log') return isRight(text, signature)
      const { timestamp, bytes } = splitCosignature(signature)
      return timestamp !== null && isRight(cosignedText(text, timestamp), bytes)
    },
  }
}

/** A log’s own signature of a note. */
export const signNote = (text: string, name: string, privateKey: KeyObject): NoteSignature => {
  const key: NoteKey = { name, kind: 'log', publicBytes: publicBytesOf(privateKey) }
  return { name, keyId: keyIdOf(key), signature: sign(null, Buffer.from(text), privateKey) }
}

/**
 * A witness’s signature of a checkpoint (C2SP tlog-cosignature, Ed25519): it says that at `seconds`
 * this was the largest tree that it had seen, and that it went on from all it saw before.
 */
export const cosign = (
  text: string,
  { name, privateKey, seconds }: Readonly<{ name: string; privateKey: KeyObject; seconds: number }>,
): NoteSignature => {
  const key: NoteKey = { name, kind: 'witness', publicBytes: publicBytesOf(privateKey) }
  const timestamp = BigInt(seconds)
  const signed = sign(null, Buffer.from(cosignedText(text, timestamp)), privateKey)
  return {
    name,
    keyId: keyIdOf(key),
    signature: Buffer.concat([timestampBytes(timestamp), signed]),
  }
}
