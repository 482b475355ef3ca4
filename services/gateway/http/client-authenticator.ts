import type { Context } from 'koa'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import {
  basicChallenge,
  type ClientVerdict,
  KnownClients,
  type Permission,
  type ServiceClient,
} from '../../../shared/http/service-clients.ts'
import { assertNever } from '../../../shared/kernel/assert-never.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { clientId } from '../../../shared/kernel/ids.ts'
import { memoize } from '../../../shared/kernel/memoize.ts'
import { logReaderCredentials } from '../../../shared/tokens/key-rings/index.ts'
import { Refusal } from './answer-error.ts'
import { clientAddress, noteCaller } from './request-facts.ts'

/** Authenticates service clients; refusals have the form of OAuth (RFC 6749, 5.2). */
export class ClientAuthenticator {
  readonly #clients: KnownClients
  readonly #hops: number

  /**
   * `logRing`: who holds it may introspect. `proxyHops`: the number of own proxies, for the
   * client's address.
   */
  constructor(
    clients: readonly ServiceClient[],
    logRing: MacRing,
    { clock, proxyHops }: Readonly<{ clock: Clock; proxyHops: number }>,
  ) {
    this.#clients = new KnownClients(clients, clock, logReaders(logRing))
    this.#hops = proxyHops
  }

  /** Whether the request has the credentials of a client, whatever its permissions. */
  knows(ctx: Context): boolean {
    return this.#judge(ctx, null).outcome === 'known'
  }

  /**
   * The client of a request. With `null` it needs no permission.
   * @throws Refusal 401 `invalid_client`, 403 when the client may not do this, 429 after too many
   * wrong secrets from its address.
   */
  authenticate(ctx: Context, permission: Permission | null): ServiceClient {
    const verdict = this.#judge(ctx, permission)
    switch (verdict.outcome) {
      case 'known':
        noteCaller(ctx, { by: 'service', client: verdict.client.id })
        return verdict.client
      case 'unknown':
        ctx.set('WWW-Authenticate', basicChallenge)
        throw new Refusal(401, { error: 'invalid_client' })
      case 'forbidden':
        noteCaller(ctx, { by: 'service', client: verdict.client.id })
        throw new Refusal(403, { error: 'unauthorized_client' })
      case 'limited':
        ctx.set('Retry-After', String(Math.ceil(verdict.retryAfterMs / 1_000)))
        throw new Refusal(429, {
          error: 'temporarily_unavailable',
          error_description: 'Too many wrong secrets came from this address.',
        })
      default:
        return assertNever(verdict)
    }
  }

  #judge(ctx: Context, permission: Permission | null): ClientVerdict {
    const address = clientAddress(ctx, this.#hops)
    return this.#clients.judge(ctx.get('authorization'), permission, address)
  }
}

/**
 * Guards that read the log have the MAC ring, and their credentials follow from it: another list
 * once its keys are others.
 */
const logReaders = (ring: MacRing): (() => readonly ServiceClient[]) =>
  memoize(
    () => ring.keys,
    () =>
      logReaderCredentials(ring).map(({ id, secret }) => ({
        id: clientId(id),
        secret,
        permissions: ['introspect'],
      })),
  )
