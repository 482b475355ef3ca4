import { AuthError } from '../kernel/errors.ts'
import type { EventStore } from '../ports/event-store.ts'
import type { CookiePolicy } from '../tokens/requests/index.ts'

/** What gateways on one store must have in common, or they refuse each other's tokens. */
export const agreedNames = ['issuer', 'audience', 'cookies'] as const
export type AgreedName = (typeof agreedNames)[number]
export type TokenNames = Readonly<Record<AgreedName, string>>

export const tokenNames = (
  { issuer, audience }: Readonly<{ issuer: string; audience: string | readonly string[] }>,
  { access, refresh }: CookiePolicy,
): TokenNames => ({
  issuer,
  // The order of several says nothing.
  audience: typeof audience === 'string' ? audience : [...audience].sort().join(','),
  cookies: `${access.name} and ${refresh.name}`,
})

const settings: Readonly<Record<AgreedName, string>> = {
  issuer: 'CURFEW_ISSUER (or CURFEW_PUBLIC_URL)',
  audience: 'CURFEW_AUDIENCE',
  cookies: 'the scheme of CURFEW_PUBLIC_URL',
}

type Differing = Readonly<{ name: AgreedName; agreed: string }>

/** An audience that nobody set is the issuer, and goes with it. */
const isAllowed = (
  { name, agreed }: Differing,
  { own, before, allowed }: Readonly<{ own: TokenNames; before: TokenNames; allowed: Allowed }>,
): boolean =>
  allowed.includes(name) ||
  (name === 'audience' &&
    allowed.includes('issuer') &&
    agreed === before.issuer &&
    own.audience === own.issuer)

type Allowed = readonly string[]

const refused = (own: TokenNames, differing: readonly Differing[]): AuthError => {
  const told = differing.map(
    ({ name, agreed }) =>
      `${name} is ${agreed} there and ${own[name]} here (set ${settings[name]} to match)`,
  )
  const names = differing.map(({ name }) => name).join(',')
  return new AuthError(
    'FLEET_CONFLICT',
    `the tokens of this store and of this gateway differ, and each would refuse the other's: ` +
      `${told.join('; ')}. To change it for all, stop every gateway and start each once with ` +
      `CURFEW_CHANGE_NAMES=${names}: whoever is logged in has to log in again`,
  )
}

/**
 * Agrees with the store on issuer, audience and cookie names. Nothing is changed when something
 * that differs is not `allowed` to change. Older stores remember nothing, and take these.
 * @throws AuthError FLEET_CONFLICT with the settings and both values
 */
export const agreeOnNames = async (
  store: Pick<EventStore, 'agree'>,
  own: TokenNames,
  allowed: Allowed,
): Promise<void> => {
  const before: Record<AgreedName, string> = { ...own }
  for (const name of agreedNames) before[name] = await store.agree(keyOf(name), own[name])
  const differing = agreedNames
    .filter((name) => before[name] !== own[name])
    .map((name) => ({ name, agreed: before[name] }))
  const kept = differing.filter((one) => !isAllowed(one, { own, before, allowed }))
  if (kept.length > 0) throw refused(own, kept)
  for (const { name, agreed } of differing) {
    // Another gateway may change it at the same time, to something else.
    const now = await store.agree(keyOf(name), own[name], agreed)
    if (now !== own[name]) throw refused(own, [{ name, agreed: now }])
  }
}

const keyOf = (name: AgreedName): string => `token-${name}`
