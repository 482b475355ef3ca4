import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import jwt, { type Algorithm, type JwtHeader } from 'jsonwebtoken'
import Koa from 'koa'
import { type Listening, listen } from '../../shared/http/listen.ts'
import { serve } from '../support/serve.ts'

/** An answer of Curfew to copy: its two tokens and its other header lines. */
export type BareKoaPlan = Readonly<{
  access: string
  refresh: string
  headers: readonly (readonly [string, string])[]
  /** What follows the token in each Set-Cookie line. */
  accessAttributes: string
  refreshAttributes: string
}>

type Template = Readonly<{ header: JwtHeader; claims: Record<string, unknown>; key: KeyObject }>

const templateOf = (token: string, key: KeyObject): Template => {
  const decoded = jwt.decode(token, { complete: true })
  if (!decoded || typeof decoded.payload === 'string') throw new Error('the sample is no token')
  return { header: decoded.header, claims: decoded.payload, key }
}

const sign = ({ header, claims, key }: Template): string =>
  jwt.sign({ ...claims, jti: randomBytes(16).toString('hex') }, key, {
    algorithm: header.alg as Algorithm,
    header,
  })

/**
 * What a refresh costs without verifying, deciding, storing and telling: Koa, one ES256 and one
 * HS256 signature by jsonwebtoken over the same claims, and an answer of the same headers and size.
 */
const start = (plan: BareKoaPlan): Promise<Listening> => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const access = templateOf(plan.access, privateKey)
  const refresh = templateOf(plan.refresh, createSecretKey(randomBytes(32)))
  const app = new Koa()
  app.use((ctx) => {
    for (const [name, value] of plan.headers) ctx.set(name, value)
    ctx.append('Set-Cookie', `access=${sign(access)}${plan.accessAttributes}`)
    ctx.append('Set-Cookie', `refresh=${sign(refresh)}${plan.refreshAttributes}`)
    ctx.body = { detail: 'refresh success' }
  })
  return listen(app.callback(), { host: '127.0.0.1', port: 0 })
}

let listening: Listening | undefined

serve<BareKoaPlan, string>(
  async (plan) => {
    listening = await start(plan)
    return listening.url
  },
  async () => listening?.close(),
)
