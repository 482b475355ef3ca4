const numbers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['x', 'y', 'd']],
  ['RSA', ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']],
  ['oct', ['k']],
])
const curveBytes: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
])

const bytesOf = (member: unknown): Buffer | null => {
  if (typeof member !== 'string') return null
  const bytes = Buffer.from(member, 'base64url')
  return bytes.toString('base64url') === member ? bytes : null
}

/**
 * The first member of a private or symmetric key that is not written as RFC 7518, section 6, wants
 * it; `null` when all are. Decoders pass over foreign characters, odd bits at the end and zeros
 * before a number, and Node 20 and 22 abort the process that exports an EC key whose `d` is too
 * long.
 */
export const damagedJwkMember = (jwk: Record<string, unknown>): string | null => {
  const { kty, crv } = jwk
  const names = numbers.get(kty)
  if (names === undefined) return 'kty'
  const size = curveBytes.get(crv)
  if (kty === 'EC' && size === undefined) return 'crv'
  const isWhole = (name: string): boolean => {
    const bytes = bytesOf(jwk[name])
    if (bytes === null) return false
    if (kty === 'EC') return bytes.length === size
    return kty === 'oct' || (bytes[0] ?? 0) !== 0
  }
  return names.find((name) => !isWhole(name)) ?? null
}
