import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../kernel/clock.ts'
import { field, list } from '../kernel/config.ts'
import { type ClientId, clientId } from '../kernel/ids.ts'
import { memoize } from '../kernel/memoize.ts'
import { isKnownSecret, knownSecretProblem } from '../tokens/known-secrets/publicly-known-secret.ts'
import { FailedSecretLimit } from './failed-secret-limit.ts'

const permissions = ['introspect', 'revoke', 'users', 'feed', 'receive', 'audit'] as const
/** What a service may do with its credentials. */
export type Permission = (typeof permissions)[number]
export type ServiceClient = Readonly<{
  id: ClientId
  secret: string
  permissions: readonly Permission[]
}>

export type ClientVerdict =
  | Readonly<{ outcome: 'known'; client: ServiceClient }>
  | Readonly<{ outcome: 'unknown' }>
  | Readonly<{ outcome: 'forbidden'; client: ServiceClient }>
  /** Too many wrong secrets came from there; this one was not looked at. */
  | Readonly<{ outcome: 'limited'; retryAfterMs: number }>

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const formDecoded = (part: string): string => {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch {
    return part
  }
}

const secretBytesMax = 1_024
/** An id and a secret at their longest, with every byte form-encoded, in base64. */
const encodedMax = Math.ceil(((64 + secretBytesMax) * 3 + 1) / 3) * 4

/** RFC 9110, 11.4: the scheme in any case, then one space or more. */
const basicPattern = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i

type Halves = Readonly<{ id: string; secret: string }>

const halvesOf = (authorization: string): Halves | null => {
  const encoded = basicPattern.exec(authorization)?.[1] ?? ''
  if (encoded === '' || encoded.length > encodedMax) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { id: text.slice(0, colon), secret: text.slice(colon + 1) }
}

/** The challenge of RFC 7617, for whoever is refused. */
export const basicChallenge = 'Basic realm="curfew", charset="UTF-8"'

const none: readonly ServiceClient[] = []
type Known = Readonly<{ digest: Buffer; client: ServiceClient }>
type KnownById = ReadonlyMap<string, Known>
const knownById = (clients: readonly ServiceClient[]): KnownById =>
  new Map(clients.map((client) => [client.id, { digest: digest(client.secret), client }]))

/**
 * Service clients by HTTP Basic; secrets are held as digests and compared in constant time. Clients
 * disagree on what is encoded: plain, as RFC 7617 has it (curl, most libraries), or each half
 * form-encoded first, as RFC 6749, 2.3.1 has it (OAuth libraries). Which of the two it was cannot
 * be seen, so each half is taken for either.
 */
export class KnownClients {
  readonly #clients: KnownById
  readonly #derived: () => KnownById
  readonly #wrong: FailedSecretLimit

  /** `derived`: more of them, which may change; another list then. */
  constructor(
    clients: readonly ServiceClient[],
    clock: Clock,
    derived: () => readonly ServiceClient[] = () => none,
  ) {
    this.#wrong = new FailedSecretLimit(clock)
    this.#clients = knownById(clients)
    this.#derived = memoize(derived, knownById)
  }

  /**
   * With `null`, whoever is a client at all. `address` is the caller's, as `canonicalAddress`
   * spells it.
   */
  judge(
    authorization: string,
    permission: Permission | null,
    address: string | null,
  ): ClientVerdict {
    const given = halvesOf(authorization)
    if (!given) return { outcome: 'unknown' }
    const from = address ?? 'nowhere'
    const client = this.#known(given.id)?.client.id ?? ''
    const retryAfterMs = this.#wrong.refusedForMs(from, client)
    if (retryAfterMs > 0) return { outcome: 'limited', retryAfterMs }
    const verdict = this.#judged(given, permission)
    const guess = digest(`${given.id}:${given.secret}`).toString('base64')
    if (verdict.outcome === 'unknown') this.#wrong.wrong(from, client, guess)
    else this.#wrong.right(from, client)
    return verdict
  }

  #known(id: string): Known | undefined {
    const derived = this.#derived()
    const find = (spelt: string) => this.#clients.get(spelt) ?? derived.get(spelt)
    return find(id) ?? find(formDecoded(id))
  }

  #judged(given: Halves, permission: Permission | null): ClientVerdict {
    const known = this.#known(given.id)
    // Compared for unknown clients too, and both ways, so that time does not tell who exists.
    const wanted = known?.digest ?? digest('nobody')
    const isPlain = timingSafeEqual(digest(given.secret), wanted)
    const isFormEncoded = timingSafeEqual(digest(formDecoded(given.secret)), wanted)
    if (!known || !(isPlain || isFormEncoded)) return { outcome: 'unknown' }
    const { client } = known
    return permission === null || client.permissions.includes(permission)
      ? { outcome: 'known', client }
      : { outcome: 'forbidden', client }
  }
}

/**
 * `id:secret` or `id:secret:introspect+revoke+feed`. A secret may hold colons where permissions
 * stand behind it: a mistyped permission must not become a part of a secret.
 * @throws Error with what is wrong.
 */
export const parseServiceClient = (text: string): ServiceClient => {
  const [id = '', ...behind] = text.split(':')
  const may = behind.length > 1 ? (behind.pop() ?? '') : 'introspect'
  const secret = behind.join(':')
  const wanted = may.split('+')
  const isKnown = (name: string): name is Permission => permissions.some((one) => one === name)
  if (!wanted.every(isKnown)) throw new Error('is not id:secret:permissions')
  if (secret.length < 16) throw new Error('has a secret shorter than 16 characters')
  if (Buffer.byteLength(secret) > secretBytesMax) {
    throw new Error(`has a secret longer than ${secretBytesMax} bytes`)
  }
  if (isKnownSecret(secret)) throw new Error(knownSecretProblem)
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw new Error('has an id that is none')
  return { id: clientId(id), secret, permissions: wanted.filter(isKnown) }
}

const isOnce = (clients: readonly ServiceClient[]): boolean =>
  new Set(clients.map(({ id }) => id)).size === clients.length

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
  schema: list.pipe(
    z.array(clientSchema).refine(isOnce, {
      error: 'names one client id twice: one of the two secrets would never be accepted',
    }),
  ),
  otherwise: '',
  secret: true,
  takes:
    'id:secret or id:secret:introspect+revoke+users+feed+receive+audit, separated by commas; ' +
    'secrets of 16 characters or more, without commas',
  doc:
    'Services that may call `/introspect`, `/revocations` and `/users` of a gateway, be told of ' +
    'revocations (`receive`), call `/feed` of a projector, and have receipts of an auditor ' +
    '(`audit`), by HTTP Basic.',
})
