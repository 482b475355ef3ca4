import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type CookiePolicy,
  type CookieReading,
  deletionOf,
  readCookies,
  serializeCookie,
} from '../../../shared/tokens/cookie.ts'
import type { SignedToken, TokenPair } from '../token-desk.ts'

export type TokenCookies = Readonly<{ access: string | null; refresh: string | null }>

/** The two token cookies of one policy: read strictly, set and cleared together or not at all. */
export class CookieJar {
  readonly #policy: CookiePolicy

  constructor(policy: CookiePolicy) {
    this.#policy = policy
  }

  get accessName(): string {
    return this.#policy.access.name
  }

  /**
   * @throws AuthError COOKIE_DUPLICATED: a second cookie of a protected name was tossed by
   * somebody.
   */
  read(ctx: Context): TokenCookies {
    const { access, refresh } = this.#policy
    const found = readCookies(ctx.get('cookie'), [access.name, refresh.name])
    return {
      access: this.#single(ctx, found.get(access.name)),
      refresh: this.#single(ctx, found.get(refresh.name)),
    }
  }

  set(ctx: Context, { access, refresh }: TokenPair, now: EpochMs): void {
    this.setAccess(ctx, access, now)
    const { token, expiresAt } = refresh
    ctx.append('Set-Cookie', serializeCookie(this.#policy.refresh, token, (expiresAt - now) / 1000))
  }

  setAccess(ctx: Context, { token, expiresAt }: SignedToken, now: EpochMs): void {
    ctx.append('Set-Cookie', serializeCookie(this.#policy.access, token, (expiresAt - now) / 1000))
  }

  clear(ctx: Context): void {
    this.clearRefresh(ctx)
    ctx.append('Set-Cookie', deletionOf(this.#policy.access))
  }

  clearRefresh(ctx: Context): void {
    ctx.append('Set-Cookie', deletionOf(this.#policy.refresh))
  }

  #single(ctx: Context, found: CookieReading | undefined): string | null {
    if (!found || found.kind === 'absent') return null
    return found.kind === 'duplicated' ? this.refuseDuplicated(ctx) : found.value
  }

  /** @throws AuthError COOKIE_DUPLICATED, always. */
  refuseDuplicated(ctx: Context): never {
    this.clear(ctx)
    throw new AuthError('COOKIE_DUPLICATED', 'A token cookie came twice; both are cleared.')
  }
}
