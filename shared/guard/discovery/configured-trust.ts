import { AuthError } from '../../kernel/errors.ts'
import { type Algorithm, isSymmetric } from '../../tokens/keys/index.ts'
import { conflictText } from '../api/token-places.ts'
import type { Trust } from '../api/trust.ts'
import type { GatewayMetadata } from './gateway-metadata.ts'

/** What the service was told of its gateway's tokens; what is missing, the gateway says. */
export type ConfiguredTrust = Readonly<{
  [Name in keyof Trust | 'algorithms']:
    | (Trust & { algorithms: readonly string[] })[Name]
    | undefined
}>

const refuse = (problem: string): never => {
  throw new AuthError('CONFIG_INVALID', `the guard cannot verify a token: ${problem}`)
}

const meet = (one: readonly string[], other: readonly string[]): boolean =>
  one.some((text) => other.includes(text))

/**
 * Whether any token of the gateway can be good here.
 * @throws AuthError CONFIG_INVALID that names the option, or the gateway's setting.
 */
export const checkConfiguredTrust = (
  configured: ConfiguredTrust,
  metadata: GatewayMetadata,
): void => {
  if (configured.issuer !== undefined && configured.issuer !== metadata.issuer) {
    refuse(conflictText('issuer', configured.issuer, metadata.issuer))
  }
  const { algorithms } = metadata
  if (algorithms === null) return
  if (algorithms.every((alg) => isSymmetric(alg as Algorithm))) {
    refuse(
      `the gateway signs with ${algorithms.join(', ')}, whose key no key set shows: ` +
        'its CURFEW_ALGORITHM must be one of RS, PS or ES; or use `createGuard` with `fixedKeys`',
    )
  }
  if (configured.algorithms && !meet(configured.algorithms, algorithms)) {
    refuse(conflictText('algorithms', configured.algorithms.join(', '), algorithms.join(', ')))
  }
}

/** What was told otherwise and lets no token, or fewer, in: in words that name the option. */
export const trustConflicts = (
  { audience, accept }: ConfiguredTrust,
  metadata: GatewayMetadata,
): string[] => {
  const wrong: string[] = []
  const named = audience === undefined ? [] : [audience].flat()
  if (audience !== undefined && metadata.audience !== null && !meet(named, metadata.audience)) {
    wrong.push(conflictText('audience', named.join(', '), metadata.audience.join(', ')))
  }
  if (accept !== undefined && metadata.accept !== null && !meet(accept, metadata.accept)) {
    wrong.push(conflictText('accept', accept.join(', '), metadata.accept.join(', ')))
  }
  return wrong
}
