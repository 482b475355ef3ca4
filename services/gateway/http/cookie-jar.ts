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
  readCookies,
  serializeCookie,
} from '../../../shared/tokens/requests/index.ts'

type CookieToken = Readonly<{ token: string; expiresAt: EpochMs }>
type CookieTokens = Readonly<{ access: CookieToken; refresh: CookieToken }>

/** Every different token that came in the two cookies. */
export type RequestCookies = Readonly<{ access: readonly string[]; refresh: readonly string[] }>

/** Until when a browser keeps what is set: as long as its token is good, or until it is closed. */
export type Lasting = Readonly<{ now: EpochMs; untilClosed: boolean }>

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
   * somebody, or left at another path.
   */
  readAccess(ctx: Context): string | null {
    return this.#single(ctx, this.#policy.access)
  }

  /** @throws AuthError COOKIE_DUPLICATED */
  readRefresh(ctx: Context): string | null {
    return this.#single(ctx, this.#policy.refresh)
  }

  /** For who ends sessions: all that came, duplicates too. */
  fromRequest(ctx: Context): RequestCookies {
    const { access, refresh } = this.#policy
    const header = ctx.get('cookie')
    return {
      access: cookieValues(header, access.name),
      refresh: cookieValues(header, refresh.name),
    }
  }

  set(ctx: Context, { access, refresh }: CookieTokens, lasting: Lasting): void {
    this.setAccess(ctx, access, lasting)
    // One that was left elsewhere would come beside the new one from now on.
    if (this.fromRequest(ctx).refresh.length > 0) this.#delete(ctx, this.#leftOf('refresh'))
    this.#append(ctx, this.#policy.refresh, refresh, lasting)
  }

  setAccess(ctx: Context, access: CookieToken, lasting: Lasting): void {
    if (this.fromRequest(ctx).access.length > 0) this.#delete(ctx, this.#leftOf('access'))
    this.#append(ctx, this.#policy.access, access, lasting)
  }

  clear(ctx: Context): void {
    this.clearRefresh(ctx)
    this.#delete(ctx, [...this.#leftOf('access'), this.#policy.access])
  }

  clearRefresh(ctx: Context): void {
    this.#delete(ctx, [...this.#leftOf('refresh'), this.#policy.refresh])
  }

  /** @throws AuthError COOKIE_DUPLICATED, always. */
  refuseDuplicated(ctx: Context): never {
    // Nobody knows which settings the other one is from.
    for (const shape of Object.values(this.#policy)) {
      this.#delete(ctx, [...cookiesOfParentPaths(shape), shape].flatMap(otherPartitionCookies))
    }
    this.clear(ctx)
    throw new AuthError('COOKIE_DUPLICATED', 'A token cookie came twice; both are cleared.')
  }

  /**
   * Where settings of before may have left it: at a path above its own, and in the jar of cookies
   * that are not partitioned.
   */
  #leftOf(kind: keyof CookiePolicy): readonly CookieShape[] {
    const shape = this.#policy[kind]
    const above = cookiesOfParentPaths(shape)
    return shape.sameSite === 'None'
      ? [...[...above, shape].flatMap(otherPartitionCookies), ...above]
      : above
  }

  #single(ctx: Context, { name }: CookieShape): string | null {
    const found = readCookies(ctx.get('cookie'), [name]).get(name)
    if (!found || found.kind === 'absent') return null
    return found.kind === 'duplicated' ? this.refuseDuplicated(ctx) : found.value
  }

  #append(
    ctx: Context,
    shape: CookieShape,
    { token, expiresAt }: CookieToken,
    { now, untilClosed }: Lasting,
  ): void {
    const seconds = untilClosed ? null : (expiresAt - now) / 1000
    ctx.append('Set-Cookie', serializeCookie(shape, token, seconds))
  }

  #delete(ctx: Context, shapes: readonly CookieShape[]): void {
    for (const shape of shapes) ctx.append('Set-Cookie', deleteCookie(shape))
  }
}
