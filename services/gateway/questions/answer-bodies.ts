import type { Actor } from '../../../shared/events/event.ts'
import { actorText } from '../../../shared/events/event-actor.ts'
import { eventBody } from '../audit/index.ts'
import type { Coverage } from './coverage.ts'
import type { Refusal } from './guard-refusals.ts'
import type { NewAddress } from './new-addresses.ts'
import type { SessionToken } from './session-tokens.ts'
import type { HeldSession } from './sessions-held.ts'
import type { StaleGuard } from './stale-guards.ts'
import type { UsedAfter } from './used-after.ts'

/** Answers as HTTP and `--json` show them. */

const time = (at: number): string => new Date(at).toISOString()
const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at))
const by = (actor: Actor | null): string | null => actorText(actor)

export const coverageBody = ({ from, to }: Coverage) => ({
  from: timeOrNull(from),
  to: timeOrNull(to),
})

export const heldBody = ({ sid, sub, client, address, agent, certain, ...held }: HeldSession) => ({
  ...{ user: sub, session: sid, client, address, agent },
  began: time(held.began),
  last_used: time(held.lastUsed),
  tokens: held.tokens.map(({ jti, kind, issuedAt, expiresAt }) => ({
    ...{ jti, kind },
    issued_at: time(issuedAt),
    expires_at: time(expiresAt),
  })),
  certain,
})

export const tokenBody = ({ issuedAt, expiresAt, ended, ...token }: SessionToken) => ({
  ...{ jti: token.jti, kind: token.kind, cause: token.cause, replaces: token.replaces },
  issued_at: time(issuedAt),
  expires_at: time(expiresAt),
  ...{ address: token.address, agent: token.agent },
  ended: ended && {
    ...{ at: time(ended.at), reason: ended.reason, by: by(ended.actor), event: ended.event },
  },
  event: token.event,
})

const staleBody = ({ from, to, ...guard }: StaleGuard) => ({
  ...guard,
  from: time(from),
  to: timeOrNull(to),
})

export const refusalBody = ({ id, at, key, reason, actor, guards, slowest, stale }: Refusal) => ({
  ...{ revocation: id, time: time(at), key, reason, by: by(actor), guards },
  slowest: slowest && {
    ...{ client: slowest.client, instance: slowest.instance, name: slowest.name },
    max_ms: slowest.maxMs,
  },
  stale: stale.map(staleBody),
})

export const usedAfterBody = ({ end, use }: UsedAfter) => ({
  revocation: end.id,
  revoked_at: time(end.at),
  key: end.data.key,
  reason: end.data.reason,
  use: eventBody(use),
})

export const newAddressBody = ({ at, sub, sid, client, address, agent, ...login }: NewAddress) => ({
  ...{ time: time(at), user: sub, session: sid, client, address, agent },
  first_login: login.isFirst,
  event: login.event,
})
