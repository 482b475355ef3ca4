import { healthOfCalls, type PartHealth, unready } from '../../../shared/http/health.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { boundedFetch, type FetchOnce } from '../../../shared/kernel/http/bounded-fetch.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../../shared/kernel/logging/repeated-trouble.ts'
import { CallHealth } from '../../../shared/kernel/process/call-health.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'

const timeoutMs = 2_000
const bytesMax = 64 * 1_024

type Deps = Readonly<{
  gateway: URL
  withinMs: number
  clock: Clock
  logger: Logger
  fetch?: FetchOnce
}>

const wrong = (url: URL, status: number): AuthError =>
  new AuthError(
    'CONFIG_INVALID',
    `${url.href} answered ${status}, and no metadata of a gateway: CURFEW_GATEWAY_URL is the ` +
      'address of a gateway, with its base path (CURFEW_BASE_PATH) if it has one',
  )

const cookieIn = (text: string): string | null => {
  const parsed = parseStrictJson(text, { depthMax: 8 })
  const name = parsed.ok && isPlainObject(parsed.value) && parsed.value['curfew_cookie_name']
  return typeof name === 'string' ? name : null
}

/**
 * Whether the gateway is there, and is one. Until that was seen nothing is passed on: an address
 * that was mistyped must not be sent the cookies and passwords of administrators.
 */
export class GatewayWatch implements Closable {
  readonly #deps: Deps
  readonly #url: URL
  readonly #health: CallHealth
  readonly #trouble: RepeatedTrouble
  readonly #closing = new AbortController()
  #accessCookie: string | null = null
  #watching: Promise<void> = Promise.resolve()
  #looking: Promise<void> | null = null

  constructor(deps: Deps) {
    const { gateway, clock, withinMs } = deps
    const base = gateway.pathname.replace(/\/+$/, '')
    this.#deps = deps
    this.#url = new URL(`${base}/.well-known/openid-configuration`, gateway)
    this.#health = new CallHealth(clock, withinMs)
    this.#trouble = new RepeatedTrouble(clock)
  }

  /** Whether it was a gateway once. */
  get isFound(): boolean {
    return this.#accessCookie !== null
  }

  /** Whether browsers keep its cookies on https alone. */
  get isSecure(): boolean {
    return this.#accessCookie?.startsWith('__') ?? false
  }

  /** Looks at once, where it was not found yet, whoever asks how often. */
  async find(): Promise<void> {
    if (!this.isFound) await this.#look()
  }

  follow(): void {
    this.#watching = this.#watch()
  }

  health(): PartHealth {
    const { failure } = this.#health
    const isWrong = failure instanceof AuthError && failure.code === 'CONFIG_INVALID'
    if (isWrong) return unready('what answers is no gateway: the log of this process has the fix')
    return healthOfCalls(this.#health, 'it does not answer')
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#watching
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await this.#look()
      await this.#deps.clock.sleep(this.#deps.withinMs / 5, signal)
    }
  }

  #look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #ask(): Promise<void> {
    const { clock, logger, fetch = globalThis.fetch } = this.#deps
    const asked = { fetch, clock, url: this.#url, timeoutMs, bytesMax }
    const init = { headers: { accept: 'application/json' } }
    try {
      const { status, text } = await boundedFetch({ ...asked, init, code: 'GATEWAY_UNREACHED' })
      const name = status === 200 ? cookieIn(text) : null
      if (name === null) throw wrong(this.#url, status)
      this.#accessCookie = name
      this.#health.succeeded()
      if (this.#trouble.ended() !== null) logger.info({}, 'the gateway answers again')
    } catch (error) {
      this.#health.failed(error as Error)
      const times = this.#trouble.occurred((error as Error).message)
      if (times !== null) {
        logger.warn({ error: error as Error, times }, 'the console waits for its gateway')
      }
    }
  }
}
