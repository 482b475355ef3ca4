import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateSync, inflateSync } from 'node:zlib'
import jwt from 'jsonwebtoken'
import { systemClock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type StatusListIssuer = Closable &
  Readonly<{ url: string; publicKey: KeyObject; revoke: (index: number) => void }>

const nowSeconds = (): number => Math.floor(systemClock.now() / 1_000)

/**
 * A Token Status List (draft-ietf-oauth-status-list, one bit a token), signed for every answer: at
 * once as new as its issuer's knowledge, which no issuer behind a cache is.
 */
export const openStatusList = async (size: number, ttl: number): Promise<StatusListIssuer> => {
  const bits = new Uint8Array(Math.ceil(size / 8))
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let url = ''
  const signed = (): string => {
    const lst = deflateSync(bits).toString('base64url')
    const [iat, exp] = [nowSeconds(), nowSeconds() + 10 * ttl]
    const payload = { sub: url, iat, exp, ttl, status_list: { bits: 1, lst } }
    const header = { alg: 'ES256', typ: 'statuslist+jwt' }
    return jwt.sign(payload, privateKey, { algorithm: 'ES256', header })
  }
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/statuslist+jwt').end(signed())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/statuslists/1`
  return {
    url,
    publicKey,
    revoke: (index) => {
      bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type List = Readonly<{ fetchedAtMs: number; ttlMs: number; bits: Uint8Array }>
type Payload = Readonly<{ ttl: number; status_list: Readonly<{ lst: string }> }>

/** A reader that keeps the list as long as its `ttl` says. */
export class StatusListReader {
  readonly #issuer: Pick<StatusListIssuer, 'url' | 'publicKey'>
  #list: Promise<List> | null = null
  #until = 0

  constructor(issuer: Pick<StatusListIssuer, 'url' | 'publicKey'>) {
    this.#issuer = issuer
  }

  async isValid(index: number): Promise<boolean> {
    if (this.#list === null || sharedNowMs() >= this.#until) {
      this.#until = Number.POSITIVE_INFINITY
      this.#list = this.#fetch()
      const { fetchedAtMs, ttlMs } = await this.#list
      this.#until = fetchedAtMs + ttlMs
    }
    const { bits } = await this.#list
    return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 0
  }

  async #fetch(): Promise<List> {
    const { url, publicKey } = this.#issuer
    const fetchedAtMs = sharedNowMs()
    const text = await (await fetch(url)).text()
    const { ttl, status_list: list } = jwt.verify(text, publicKey, {
      algorithms: ['ES256'],
      subject: url,
    }) as unknown as Payload
    const bits = inflateSync(Buffer.from(list.lst, 'base64url'))
    return { fetchedAtMs, ttlMs: ttl * 1_000, bits }
  }
}
