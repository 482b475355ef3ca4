import { resolve } from 'node:path'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { ConcurrencyLimit } from '../../../shared/kernel/concurrency/concurrency-limit.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { withTimeout } from '../../../shared/kernel/retry.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import { payloadDepthMax } from '../../../shared/tokens/verification/index.ts'
import { importFile } from '../../../shared/typescript/import-file.ts'
import { isTakenClaim, type TokenNaming } from './claim-names.ts'

export type CustomClaims = Readonly<Record<string, unknown>>

/** The argument of a team's claims hook; docs/directory.md describes each member. */
export type HookRequest = Readonly<{
  user: Readonly<{ sub: SubjectId; id: string; username: string; roles: readonly string[] }>
  client: string
  on: 'login' | 'refresh'
  kind: 'pair' | 'sliding'
  /** The custom claims of the token from the request; `null` at a login. */
  previous: CustomClaims | null
}>

export const hookRequest = (
  { sub, id, username, roles }: HookRequest['user'],
  rest: Omit<HookRequest, 'user'>,
): HookRequest => ({ user: { sub, id, username, roles: [...roles] }, ...rest })

export interface ClaimsHook {
  /** Whether a refresh calls the hook as well; otherwise it copies the claims of the login. */
  readonly onRefresh: boolean
  /** Plain JSON that tokens can carry. Rejects with CLAIMS_UNAVAILABLE, _TOO_LARGE, OVERLOADED. */
  claims(request: HookRequest): Promise<CustomClaims>
}

type HookModule = Readonly<{
  claims: (request: HookRequest, signal: AbortSignal) => unknown
  onRefresh: boolean
}>

/** Both tokens carry the claims, and each must fit a cookie beside 1,500 bytes of Curfew's own. */
export const customBytesMax = 1024
const runningMax = 256
// Visible ASCII, which admits the addresses that RFC 7519 advises (4.2).
const claimPattern = /^[\x21-\x7e]{1,128}$/

/** Used where no hook is set. */
export const noHook: ClaimsHook = { onRefresh: false, claims: async () => ({}) }

type HookOptions = Readonly<{ clock: Clock; timeoutMs: number; names: TokenNaming }>

const loadModule = async (path: string): Promise<HookModule> => {
  const refuse = (why: string, cause?: unknown): AuthError =>
    new AuthError('CONFIG_INVALID', `CURFEW_CLAIMS_HOOK=${JSON.stringify(path)} ${why}`, { cause })
  const loaded = await importFile(resolve(path)).catch((cause: unknown) => {
    throw refuse(`cannot be loaded: ${cause instanceof Error ? cause.message : 'no reason'}`, cause)
  })
  const { claims, onRefresh = false } = loaded as Partial<HookModule>
  if (typeof claims !== 'function') throw refuse('exports no function `claims`')
  if (typeof onRefresh !== 'boolean') throw refuse('exports an `onRefresh` that is no boolean')
  return { claims, onRefresh }
}

const unavailable = (why: string, cause?: unknown): AuthError =>
  new AuthError('CLAIMS_UNAVAILABLE', `the claims hook (CURFEW_CLAIMS_HOOK) ${why}`, { cause })

/** A copy as plain JSON: getters are read, Dates and class instances serialize themselves. */
const toPlainJson = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
  } catch (cause) {
    throw unavailable('returned what is no JSON', cause)
  }
}

/**
 * Names that a claim cannot have at the top level: jsonwebtoken looks names up in a plain object,
 * which inherits `constructor`, `toString` and others.
 */
const isInherited = (name: string): boolean => name in Object.prototype

const isRefusedName = (name: string, names: TokenNaming): boolean =>
  isTakenClaim(name, names) || isInherited(name) || !claimPattern.test(name)

const checkClaims = (value: unknown, names: TokenNaming): CustomClaims => {
  const given = toPlainJson(value)
  if (!isPlainObject(given)) throw unavailable('returned no object')
  const text = JSON.stringify(given)
  const bytes = Buffer.byteLength(text)
  if (bytes > customBytesMax) {
    const sizes = `${bytes} bytes of at most ${customBytesMax}`
    throw new AuthError(
      'CLAIMS_TOO_LARGE',
      `the claims hook (CURFEW_CLAIMS_HOOK) returned ${sizes}`,
    )
  }
  const refused = Object.keys(given).find((name) => isRefusedName(name, names))
  if (refused !== undefined)
    throw unavailable(
      `returned ${JSON.stringify(refused)}, which is Curfew's or no name of a claim`,
    )
  // Parsed as strictly as every verifier will parse them.
  const read = parseStrictJson(text, { depthMax: payloadDepthMax })
  if (!read.ok && read.problem === 'depth') throw unavailable('returned what nests too deep')
  if (!read.ok) throw unavailable('returned a member named __proto__, constructor or prototype')
  return given
}

/**
 * Loads the hook's module at `path` and checks its exports. A call of the hook rejects if it
 * throws, takes too long, or returns what tokens cannot carry, so that nobody gets a session
 * without claims that a service may rely on. A call that takes too long is told by its `signal`;
 * Curfew cannot stop it.
 * @throws AuthError CONFIG_INVALID.
 */
export const loadClaimsHook = async (
  path: string | null,
  { clock, timeoutMs, names }: HookOptions,
): Promise<ClaimsHook> => {
  if (path === null) return noHook
  const { claims, onRefresh } = await loadModule(path)
  const calls = new ConcurrencyLimit(runningMax, 'claims hooks')
  const timedOut = (): AuthError => unavailable(`took longer than ${timeoutMs} ms`)
  const callHook = async (request: HookRequest): Promise<unknown> => {
    const stop = new AbortController()
    try {
      const asked = (async () => claims(request, stop.signal))()
      return await withTimeout(clock, timeoutMs, asked, timedOut)
    } catch (error) {
      throw isAuthError(error, 'CLAIMS_UNAVAILABLE') ? error : unavailable('failed', error)
    } finally {
      stop.abort()
    }
  }
  const callAndCheck = async (request: HookRequest): Promise<CustomClaims> =>
    checkClaims(await callHook(request), names)
  return { onRefresh, claims: (request) => calls.run(() => callAndCheck(request)) }
}
