import type { Context } from 'koa'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { changeOwnPassword, type OwnPasswordResult } from '../own-password.ts'
import { openPair, openSlidingToken, type SessionOpener } from '../session-openers.ts'
import type { SignedToken, TokenPair } from '../token-desk.ts'
import { type Person, requirePerson } from './authority.ts'
import { readJsonObject, textFields } from './body.ts'
import { fieldProblem } from './field-problem.ts'
import { setDelivery } from './logout.ts'
import { throttled } from './present.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'
import { optionalFlag, refuseOthers } from './user-fields.ts'

type Kept =
  | Readonly<{ kind: 'pair'; tokens: TokenPair }>
  | Readonly<{ kind: 'sliding'; token: SignedToken }>

/**
 * `POST /password` `{current_password, new_password, keep_this_device?}`: ends every session of the
 * caller. With `keep_this_device` the answer opens a new one in the caller's mode: cookies for who
 * came by cookie, tokens in the body for who came by header.
 */
export const passwordRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const arrival = parts.storeClock.now()
    const byCookie = ctx.get(parts.bearer.name) === ''
    const person = await requirePerson(parts, ctx, arrival)
    const body = await readJsonObject(ctx)
    refuseOthers(body, ['current_password', 'new_password', 'keep_this_device'])
    const given = textFields(body, 'current_password', 'new_password')
    const keeps = optionalFlag(body, 'keep_this_device') ?? false
    const wanted = { current: given.current_password, next: given.new_password, keeps }
    const kept = await change(parts, ctx, arrival, { ...wanted, person })
    ctx.body = { detail: 'password changed', ...(byCookie ? {} : inBody(kept)) }
    if (byCookie) inCookies(parts, ctx, kept, arrival)
  }

type Wanted = Readonly<{ person: Person; current: string; next: string; keeps: boolean }>

const change = async (
  parts: RouteParts,
  ctx: Context,
  arrival: EpochMs,
  { person: { user, claims }, current, next, keeps }: Wanted,
): Promise<Kept | null> => {
  const origin = requestOrigin(ctx, parts.proxyHops)
  const ask = async <Tokens>(opener: SessionOpener<Tokens>): Promise<Tokens | null> => {
    const keep = keeps ? opener : null
    const request = { user, current, next, origin, arrival, keep }
    return told(ctx, await changeOwnPassword(parts, request))
  }
  if (claims.token_type === 'sliding') {
    const token = await ask(openSlidingToken)
    return token && { kind: 'sliding', token }
  }
  const tokens = await ask(openPair)
  return tokens && { kind: 'pair', tokens }
}

const told = <Tokens>(ctx: Context, result: OwnPasswordResult<Tokens>): Tokens | null => {
  switch (result.outcome) {
    case 'changed':
      setDelivery(ctx, result.delivery)
      return result.tokens
    // A 401 would make clients refresh or log out: the session is good, the field is not.
    case 'refused':
      throw fieldProblem('current_password', 'Invalid password.')
    case 'limited':
      throw throttled(result.retryAfterMs)
  }
}

const inBody = (kept: Kept | null): object => {
  if (kept === null) return {}
  if (kept.kind === 'sliding') return { token: kept.token.token }
  return { access: kept.tokens.access.token, refresh: kept.tokens.refresh.token }
}

const inCookies = (
  { cookies }: RouteParts,
  ctx: Context,
  kept: Kept | null,
  arrival: EpochMs,
): void => {
  if (kept === null) cookies.clear(ctx)
  else if (kept.kind === 'pair') cookies.set(ctx, kept.tokens, arrival)
  else {
    cookies.clearRefresh(ctx)
    cookies.setAccess(ctx, kept.token, arrival)
  }
}
