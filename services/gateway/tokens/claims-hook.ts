import { resolve } from 'node:path'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { ConcurrencyLimit } from '../../../shared/kernel/concurrency/concurrency-limit.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { withTimeout } from '../../../shared/kernel/retry.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import { payloadDepthMax } from '../../../shared/tokens/verification/index.ts'
import { importFile } from '../../../shared/typescript/import-file.ts'
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
  /** Plain JSON that tokens can carry. Rejects with CLAIMS_UNAVAILABLE, _TOO_LARGE, OVERLOADED. */
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
  const loaded = await importFile(resolve(path)).catch((cause: unknown) => {
    throw wrong(`cannot be loaded: ${cause instanceof Error ? cause.message : 'no reason'}`, cause)
  })
  const { claims, onRefresh = false } = loaded as Partial<HookModule>
  if (typeof claims !== 'function') throw wrong('exports no function `claims`')
  if (typeof onRefresh !== 'boolean') throw wrong('exports an `onRefresh` that is no boolean')
  return { claims, onRefresh }
}

const unfit = (why: string, cause?: unknown): AuthError =>
  new AuthError('CLAIMS_UNAVAILABLE', `the claims hook (CURFEW_CLAIMS_HOOK) ${why}`, { cause })

/** Plain data, as JSON has it: what a getter, a Date or a class instance makes of itself. */
const plain = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
  } catch (cause) {
    throw unfit('returned what is no JSON', cause)
  }
}

/**
 * Names that a token cannot have at its top level: jsonwebtoken looks claims up in an object of its
 * own, where `constructor` and `toString` are found as well.
 */
const isInherited = (name: string): boolean => name in Object.prototype

const isNoClaim = (name: string, names: Naming): boolean =>
  isTakenClaim(name, names) || isInherited(name) || !claimPattern.test(name)

const checked = (value: unknown, names: Naming): CustomClaims => {
  const given = plain(value)
  if (!isPlainObject(given)) throw unfit('returned no object')
  const text = JSON.stringify(given)
  const bytes = Buffer.byteLength(text)
  if (bytes > customBytesMax) {
    const sizes = `${bytes} bytes of at most ${customBytesMax}`
    throw new AuthError(
      'CLAIMS_TOO_LARGE',
      `the claims hook (CURFEW_CLAIMS_HOOK) returned ${sizes}`,
    )
  }
  const wrong = Object.keys(given).find((name) => isNoClaim(name, names))
  if (wrong !== undefined)
    throw unfit(`returned ${JSON.stringify(wrong)}, which is Curfew's or no name of a claim`)
  // As every verifier will read them, at any depth.
  const read = parseStrictJson(text, { depthMax: payloadDepthMax })
  if (!read.ok && read.problem === 'depth') throw unfit('returned what nests too deep')
  if (!read.ok) throw unfit('returned a member named __proto__, constructor or prototype')
  return given
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
  const calls = new ConcurrencyLimit(runningMax, 'claims hooks')
  const late = (): AuthError => unfit(`took longer than ${timeoutMs} ms`)
  const ask = async (request: HookRequest): Promise<unknown> => {
    const stop = new AbortController()
    try {
      const asked = (async () => claims(request, stop.signal))()
      return await withTimeout(clock, timeoutMs, asked, late)
    } catch (error) {
      throw isAuthError(error, 'CLAIMS_UNAVAILABLE') ? error : unfit('failed', error)
    } finally {
      stop.abort()
    }
  }
  const told = async (request: HookRequest): Promise<CustomClaims> =>
    checked(await ask(request), names)
  return { onRefresh, claims: (request) => calls.run(() => told(request)) }
}
