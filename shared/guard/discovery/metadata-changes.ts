import { placesOfIssuer } from '../api/token-places.ts'
import type { ConfiguredTrust } from './configured-trust.ts'
import type { GatewayMetadata } from './gateway-metadata.ts'

const listed = (texts: readonly string[]): string => [...new Set(texts)].sort().join(', ')

/** What decides over tokens, as a guard takes it where the gateway does not say. */
const membersOf = ({ issuer, audience, accept, places }: GatewayMetadata) => {
  const { cookieNames, headerName, headerTypes } = places ?? placesOfIssuer(issuer)
  return {
    issuer,
    audience: listed(audience ?? [issuer]),
    accept: listed(accept ?? ['access']),
    cookieName: listed(cookieNames),
    headerName: headerName.toLowerCase(),
    headerTypes: listed(headerTypes),
  }
}

/**
 * What the gateway says otherwise by now, in words: a guard goes on with what it learned at its
 * start, and would refuse what the gateway issues since. What the service was told is not learned.
 */
export const metadataChanges = (
  { audience, accept }: ConfiguredTrust,
  learned: GatewayMetadata,
  now: GatewayMetadata,
): readonly string[] => {
  const before = membersOf(learned)
  // One of an older version does not name its places, and may have the same ones.
  const after = membersOf({ ...now, places: now.places ?? learned.places })
  const names = (Object.keys(before) as (keyof typeof before)[]).filter(
    (name) => !(name === 'audience' && audience) && !(name === 'accept' && accept),
  )
  return names
    .filter((name) => before[name] !== after[name])
    .map(
      (name) =>
        `${name} was "${before[name]}" when this guard began and is "${after[name]}" at the ` +
        'gateway now: restart this service',
    )
}
