import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { field, list } from '../kernel/config.ts'
import { type ClientId, clientId } from '../kernel/ids.ts'

const permissions = ['introspect', 'revoke', 'users', 'feed', 'receive'] as const
/** What a service may do with its credentials. */
export type Permission = (typeof permissions)[number]
export type ServiceClient = Readonly<{
  id: ClientId
  secret: string
  permissions: readonly Permission[]
}>

export type ClientVerdict =
  | Readonly<{ outcome: 'known'; client: ServiceClient }>
  | Readonly<{ outcome: 'unknown' | 'forbidden' }>

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch {
    return part
  }
}

/** The challenge of RFC 7617, for whoever is refused. */
export const basicChallenge = 'Basic realm="curfew", charset="UTF-8"'

/**
 * Service clients by HTTP Basic (RFC 6749, 2.3.1); secrets are held as digests and compared in
 * constant time.
 */
export class KnownClients {
  readonly #clients: ReadonlyMap<string, Readonly<{ digest: Buffer; client: ServiceClient }>>

  constructor(clients: readonly ServiceClient[]) {
    this.#clients = new Map(
      clients.map((client) => [client.id, { digest: digest(client.secret), client }]),
    )
  }

  /** With `null`, whoever is a client at all. */
  judge(authorization: string, permission: Permission | null): ClientVerdict {
    const [scheme = '', encoded = ''] = authorization.split(' ')
    if (scheme.toLowerCase() !== 'basic' || encoded.length > 1_024) return { outcome: 'unknown' }
    const text = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    const known = this.#clients.get(decode(text.slice(0, Math.max(colon, 0))))
    const given = digest(decode(text.slice(colon + 1)))
    // Compared for unknown clients too, so that time does not tell who exists.
    const same = timingSafeEqual(given, known?.digest ?? digest('nobody'))
    if (!known || !same) return { outcome: 'unknown' }
    const { client } = known
    return permission === null || client.permissions.includes(permission)
      ? { outcome: 'known', client }
      : { outcome: 'forbidden' }
  }
}

/** `id:secret` or `id:secret:introspect+revoke+feed`. @throws Error with what is wrong. */
export const parseServiceClient = (text: string): ServiceClient => {
  const [id = '', secret = '', may = 'introspect', ...rest] = text.split(':')
  const wanted = may.split('+')
  const isKnown = (name: string): name is Permission => permissions.some((one) => one === name)
  if (rest.length > 0 || !wanted.every(isKnown)) throw new Error('is not id:secret:permissions')
  if (secret.length < 16) throw new Error('has a secret shorter than 16 characters')
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw new Error('has an id that is none')
  return { id: clientId(id), secret, permissions: wanted.filter(isKnown) }
}

const clientSchema = z.string().transform((given, context): ServiceClient => {
  try {
    return parseServiceClient(given)
  } catch (error) {
    context.issues.push({ code: 'custom', input: given, message: (error as Error).message })
    return z.NEVER
  }
})

/** Every server that services call checks them by the same list. */
export const serviceClientsField = field({
  env: 'CURFEW_SERVICE_CLIENTS',
  schema: list.pipe(z.array(clientSchema)),
  otherwise: '',
  secret: true,
  takes:
    'id:secret or id:secret:introspect+revoke+users+feed+receive, separated by commas; ' +
    'secrets of 16 characters or more',
  doc:
    'Services that may call `/introspect`, `/revocations` and `/users` of a gateway, be told of ' +
    'revocations (`receive`), and call `/feed` of a projector, by HTTP Basic.',
})
