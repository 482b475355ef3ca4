import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type CookiePolicy,
  type CookieShape,
  cookiesOfParentPaths,
  cookieValues,
  deleteCookie,
  otherPartitionCookies,
  readCookie,
  serializeCookie,
} from '../../../shared/tokens/requests/index.ts'

type CookieToken = Readonly<{ token: string; expiresAt: EpochMs }>
type CookieTokens = Readonly<{ access: CookieToken; refresh: CookieToken }>

/** Every distinct value of the two token cookies in a request. */
export type RequestCookies = Readonly<{ access: readonly string[]; refresh: readonly string[] }>

/** How long a browser keeps a cookie: until its token expires, or until the browser is closed. */
export type CookieLifetime = Readonly<{ now: EpochMs; untilClosed: boolean }>

// Koa's `append` makes the list of cookies anew for each of them.
const addCookie = (ctx: Context, cookie: string): void => {
  if (!ctx.headerSent) ctx.res.appendHeader('Set-Cookie', cookie)
}

/** The token cookies of an address: reads, sets and clears them. */
export class CookieJar {
  readonly #policy: CookiePolicy

  constructor(policy: CookiePolicy) {
    this.#policy = policy
  }

  get accessName(): string {
    return this.#policy.access.name
  }

  /**
   * @throws AuthError COOKIE_DUPLICATED if it came twice: an attacker set one (cookie tossing), or
   * one is left at another path.
   */
  readAccess(ctx: Context): string | null {
    return this.#single(ctx, this.#policy.access)
  }

  /** @throws AuthError COOKIE_DUPLICATED */
  readRefresh(ctx: Context): string | null {
    return this.#single(ctx, this.#policy.refresh)
  }

  /** Proves for minutes that the password was given again; worth nothing without its session. */
  get #stepUp(): CookieShape {
    const { secure, sameSite } = this.#policy.refresh
    return { name: secure ? '__Host-step-up' : 'step-up', path: '/', sameSite, secure }
  }

  /** For a logout: every value that came, duplicates as well. */
  fromRequest(ctx: Context): RequestCookies {
    const { access, refresh } = this.#policy
    const header = ctx.get('cookie')
    return {
      access: cookieValues(header, access.name),
      refresh: cookieValues(header, refresh.name),
    }
  }

  set(ctx: Context, { access, refresh }: CookieTokens, lifetime: CookieLifetime): void {
    this.setAccess(ctx, access, lifetime)
    // A cookie left at another path would be sent beside the new one from now on.
    if (this.fromRequest(ctx).refresh.length > 0) this.#delete(ctx, this.#formerCookies('refresh'))
    this.#append(ctx, this.#policy.refresh, refresh, lifetime)
  }

  setAccess(ctx: Context, access: CookieToken, lifetime: CookieLifetime): void {
    if (this.fromRequest(ctx).access.length > 0) this.#delete(ctx, this.#formerCookies('access'))
    this.#append(ctx, this.#policy.access, access, lifetime)
  }

  /** Every value that came: one that is none of ours hides no other. */
  readStepUp(ctx: Context): readonly string[] {
    return cookieValues(ctx.get('cookie'), this.#stepUp.name)
  }

  setStepUp(ctx: Context, proof: string, seconds: number): void {
    addCookie(ctx, serializeCookie(this.#stepUp, proof, seconds))
  }

  clear(ctx: Context): void {
    this.clearRefresh(ctx)
    this.#delete(ctx, [...this.#formerCookies('access'), this.#policy.access])
  }

  clearRefresh(ctx: Context): void {
    this.#delete(ctx, [...this.#formerCookies('refresh'), this.#policy.refresh])
  }

  /** @throws AuthError COOKIE_DUPLICATED, always. */
  refuseDuplicated(ctx: Context): never {
    // The settings that the other cookie was set with are not known, so all variants are deleted.
    for (const shape of Object.values(this.#policy)) {
      this.#delete(ctx, [...cookiesOfParentPaths(shape), shape].flatMap(otherPartitionCookies))
    }
    this.clear(ctx)
    throw new AuthError('COOKIE_DUPLICATED', 'A token cookie came twice; both are cleared.')
  }

  /**
   * The variants of a cookie that earlier settings may have left: at a parent path of its own, and
   * among the cookies that are not partitioned.
   */
  #formerCookies(kind: keyof CookiePolicy): readonly CookieShape[] {
    const shape = this.#policy[kind]
    const above = cookiesOfParentPaths(shape)
    return shape.sameSite === 'None'
      ? [...[...above, shape].flatMap(otherPartitionCookies), ...above]
      : above
  }

  #single(ctx: Context, { name }: CookieShape): string | null {
    const found = readCookie(ctx.get('cookie'), name)
    if (found.kind === 'absent') return null
    return found.kind === 'duplicated' ? this.refuseDuplicated(ctx) : found.value
  }

  #append(
    ctx: Context,
    shape: CookieShape,
    { token, expiresAt }: CookieToken,
    { now, untilClosed }: CookieLifetime,
  ): void {
    const seconds = untilClosed ? null : (expiresAt - now) / 1000
    addCookie(ctx, serializeCookie(shape, token, seconds))
  }

  #delete(ctx: Context, shapes: readonly CookieShape[]): void {
    for (const shape of shapes) addCookie(ctx, deleteCookie(shape))
  }
}
