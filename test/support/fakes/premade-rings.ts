import type { KeyObject } from 'node:crypto'
import {
  createRing,
  type KeyGeneration,
  type KeyRing,
  type KeyStatus,
  keyRing,
  type RingKind,
  ringKey,
} from '../../../shared/tokens/key-rings/key-ring.ts'
import type { Algorithm } from '../../../shared/tokens/keys/algorithms.ts'

const isRsa = (alg: Algorithm): boolean => /^[RP]S/.test(alg)

const signers: KeyObject[] = []
/** RSA keys take a tenth of a second each to make: each is made once a process, when asked for. */
const rsaSigner = (index: number, { entropy }: KeyGeneration): KeyObject => {
  let signer = signers[index]
  while (signer === undefined) {
    const { keys } = createRing('access', { alg: 'RS256', entropy })
    signers.push(...keys.map((key) => key.signer))
    signer = signers[index]
  }
  return signer
}

let setRing: KeyRing<'set'> | null = null
/** What signs for receivers; the same ring for all who ask. */
export const premadeSetRing = (options: Omit<KeyGeneration, 'alg'>): KeyRing<'set'> => {
  setRing ??= premadeRing('set', { ...options, alg: 'RS256' })
  return setRing
}

/**
 * As `createRing` makes it. RSA keys are the premade ones from the `first` on, so that rings of all
 * RSA algorithms may have the same ones, and with one of `statuses` as few as possible.
 */
export const premadeRing = <Kind extends RingKind>(
  kind: Kind,
  options: KeyGeneration,
  first = 0,
  statuses: readonly KeyStatus[] = ['active', 'next'],
): KeyRing<Kind> => {
  const { alg, entropy } = options
  if (!isRsa(alg)) return createRing(kind, options)
  const keys = statuses.map((status, at) =>
    ringKey(alg, rsaSigner(first + at, options), { status, notAfter: null }),
  )
  return keyRing(kind, entropy.bytes(16).toString('hex'), keys)
}
