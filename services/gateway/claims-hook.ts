import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Clock } from '../../shared/kernel/clock.ts'
import { AuthError, isAuthError } from '../../shared/kernel/errors.ts'
import type { SubjectId } from '../../shared/kernel/ids.ts'
import { InFlight } from '../../shared/kernel/in-flight.ts'
import { within } from '../../shared/kernel/retry.ts'
import { isTakenClaim, type Naming } from './claim-names.ts'

export type CustomClaims = Readonly<Record<string, unknown>>

/** What a team's hook is told; docs/directory.md describes each member. */
export type HookRequest = Readonly<{
  user: Readonly<{ sub: SubjectId; id: string; username: string; roles: readonly string[] }>
  client: string
  on: 'login' | 'refresh'
  kind: 'pair' | 'sliding'
  /** The custom claims of the presented token; `null` at a login. */
  previous: CustomClaims | null
}>

export const hookRequest = (
  { sub, id, username, roles }: HookRequest['user'],
  rest: Omit<HookRequest, 'user'>,
): HookRequest => ({ user: { sub, id, username, roles: [...roles] }, ...rest })

export interface ClaimsHook {
  /** Whether refreshes ask too, or copy what the login was told. */
  readonly onRefresh: boolean
  /** Plain JSON that tokens can carry. Rejects with CLAIMS_UNAVAILABLE or OVERLOADED. */
  claims(request: HookRequest): Promise<CustomClaims>
}

type HookModule = Readonly<{
  claims: (request: HookRequest, signal: AbortSignal) => unknown
  onRefresh: boolean
}>

/** Both tokens carry them, and each must fit a cookie beside 1,500 bytes of Curfew's own. */
export const customBytesMax = 1024
const runningMax = 256
// Visible ASCII, which admits the addresses that RFC 7519 advises (4.2).
const claimPattern = /^[\x21-\x7e]{1,128}$/

/** The hook of a gateway without one. */
export const noHook: ClaimsHook = { onRefresh: false, claims: async () => ({}) }

type HookOptions = Readonly<{ clock: Clock; timeoutMs: number; names: Naming }>

const moduleAt = async (path: string): Promise<HookModule> => {
  const wrong = (why: string, cause?: unknown): AuthError =>
    new AuthError('CONFIG_INVALID', `CURFEW_CLAIMS_HOOK=${JSON.stringify(path)} ${why}`, { cause })
  const loaded = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    throw wrong(`cannot be loaded: ${cause instanceof Error ? cause.message : 'no reason'}`, cause)
  })
  const { claims, onRefresh = false } = loaded as Partial<HookModule>
  if (typeof claims !== 'function') throw wrong('exports no function `claims`')
  if (typeof onRefresh !== 'boolean') throw wrong('exports an `onRefresh` that is no boolean')
  return { claims, onRefresh }
}

const unfit = (why: string, cause?: unknown): AuthError =>
  new AuthError('CLAIMS_UNAVAILABLE', `the claims hook ${why}`, { cause })

/** Signs what carries `custom`; a token too large is the hook's doing, not the caller's. */
export const carrying = <T>(custom: CustomClaims, sign: () => T): T => {
  try {
    return sign()
  } catch (error) {
    const isTooLarge = isAuthError(error, 'INPUT_INVALID') && error.field === 'claims'
    if (!isTooLarge || Object.keys(custom).length === 0) throw error
    throw unfit('makes the token too large or too deep', error)
  }
}

/** Plain data, as JSON has it: what a getter, a Date or a class instance makes of itself. */
const plain = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
  } catch (cause) {
    throw unfit('returned what is no JSON', cause)
  }
}

const checked = (value: unknown, names: Naming): CustomClaims => {
  const given = plain(value)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw unfit('returned no object')
  }
  const taken = Object.keys(given).find(
    (name) => isTakenClaim(name, names) || !claimPattern.test(name) || name === '__proto__',
  )
  if (taken !== undefined)
    throw unfit(`returned ${JSON.stringify(taken)}, which is Curfew's or no name of a claim`)
  const bytes = Buffer.byteLength(JSON.stringify(given))
  if (bytes > customBytesMax) throw unfit(`returned ${bytes} bytes of at most ${customBytesMax}`)
  return given as CustomClaims
}

/**
 * Loads the module at `path` and checks what it exports. A call that throws, is late or answers
 * what tokens cannot carry rejects, so that nobody gets a session without the claims that a service
 * may rest on. A late call is told by its `signal`; Curfew cannot stop it.
 * @throws AuthError CONFIG_INVALID.
 */
export const loadClaimsHook = async (
  path: string | null,
  { clock, timeoutMs, names }: HookOptions,
): Promise<ClaimsHook> => {
  if (path === null) return noHook
  const { claims, onRefresh } = await moduleAt(path)
  const calls = new InFlight(runningMax, 'claims hooks')
  const late = (): AuthError => unfit(`took longer than ${timeoutMs} ms`)
  const ask = async (request: HookRequest): Promise<CustomClaims> => {
    const stop = new AbortController()
    try {
      const asked = (async () => claims(request, stop.signal))()
      return checked(await within(clock, timeoutMs, asked, late), names)
    } catch (error) {
      throw isAuthError(error, 'CLAIMS_UNAVAILABLE') ? error : unfit('failed', error)
    } finally {
      stop.abort()
    }
  }
  return { onRefresh, claims: (request) => calls.run(() => ask(request)) }
}
