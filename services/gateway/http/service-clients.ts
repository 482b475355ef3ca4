import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { type ClientId, clientId } from '../../../shared/kernel/ids.ts'
import { Refusal } from './errors.ts'

/** What a service may do with its credentials. */
const permissions = ['introspect', 'revoke', 'users'] as const
export type Permission = (typeof permissions)[number]
export type ServiceClient = Readonly<{
  id: ClientId
  secret: string
  permissions: readonly Permission[]
}>

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

// RFC 6749, 5.2: what OAuth clients expect, not the bearer challenge.
const refused = (ctx: Context): Refusal => {
  ctx.set('WWW-Authenticate', 'Basic realm="curfew", charset="UTF-8"')
  return new Refusal(401, { error: 'invalid_client' })
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch {
    return part
  }
}

/**
 * Service clients by HTTP Basic (RFC 6749, 2.3.1); secrets are held as digests and compared in
 * constant time.
 */
export class ServiceClients {
  readonly #clients: ReadonlyMap<string, Readonly<{ digest: Buffer; client: ServiceClient }>>

  constructor(clients: readonly ServiceClient[]) {
    this.#clients = new Map(
      clients.map((client) => [client.id, { digest: digest(client.secret), client }]),
    )
  }

  /** @throws Refusal 401 `invalid_client`, 403 when the client may not do this. */
  authenticate(ctx: Context, permission: Permission): ServiceClient {
    const [scheme = '', encoded = ''] = ctx.get('authorization').split(' ')
    if (scheme.toLowerCase() !== 'basic' || encoded.length > 1_024) throw refused(ctx)
    const text = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    const known = this.#clients.get(decode(text.slice(0, Math.max(colon, 0))))
    const given = digest(decode(text.slice(colon + 1)))
    // Compared for unknown clients too, so that time does not tell who exists.
    const same = timingSafeEqual(given, known?.digest ?? digest('nobody'))
    if (!known || !same) throw refused(ctx)
    if (!known.client.permissions.includes(permission)) {
      throw new Refusal(403, { error: 'unauthorized_client' })
    }
    return known.client
  }
}

const isKnown = (name: string): name is Permission =>
  (permissions as readonly string[]).includes(name)

/** `id:secret` or `id:secret:introspect+revoke`. @throws Error with what is wrong. */
export const parseServiceClient = (text: string): ServiceClient => {
  const [id = '', secret = '', may = 'introspect', ...rest] = text.split(':')
  const wanted = may.split('+')
  if (rest.length > 0 || !wanted.every(isKnown)) throw new Error('is not id:secret:permissions')
  if (secret.length < 16) throw new Error('has a secret shorter than 16 characters')
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw new Error('has an id that is none')
  return { id: clientId(id), secret, permissions: wanted.filter(isKnown) }
}
