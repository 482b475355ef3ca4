import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import jwt, { type Algorithm, type JwtHeader } from 'jsonwebtoken'
import Koa from 'koa'
import { type Listening, listen } from '../../shared/http/listen.ts'
import { serve } from '../support/serve.ts'

/**
 * A token of an answer of Curfew, and what follows it in its Set-Cookie line. Without a token the
 * cookie is sent as it is: nothing is signed.
 */
export type SampleCookie = Readonly<{ name: string; token: string; attributes: string }>

/** An answer of Curfew to copy: the tokens to sign, its other header lines, its body. */
export type BareKoaPlan = Readonly<{
  cookies: readonly SampleCookie[]
  headers: readonly (readonly [string, string])[]
  body: object
}>

type Signed = Readonly<{ header: JwtHeader; claims: Record<string, unknown>; key: KeyObject }>

const signedBy = (token: string): Signed => {
  const decoded = jwt.decode(token, { complete: true })
  if (!decoded || typeof decoded.payload === 'string') throw new Error('the sample is no token')
  const isSymmetric = decoded.header.alg.startsWith('HS')
  const key = isSymmetric
    ? createSecretKey(randomBytes(32))
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return { header: decoded.header, claims: decoded.payload, key }
}

const sign = ({ header, claims, key }: Signed): string =>
  jwt.sign({ ...claims, jti: randomBytes(16).toString('hex') }, key, {
    algorithm: header.alg as Algorithm,
    header,
  })

/**
 * What an answer costs without verifying, deciding, storing and telling: Koa, a signature by
 * jsonwebtoken for each token over the same claims, and an answer of the same headers and size.
 */
const start = (plan: BareKoaPlan): Promise<Listening> => {
  const templates = plan.cookies.map(({ token, ...cookie }) => ({
    ...cookie,
    signed: token === '' ? null : signedBy(token),
  }))
  const app = new Koa()
  app.use((ctx) => {
    for (const [name, value] of plan.headers) ctx.set(name, value)
    for (const { name, signed, attributes } of templates) {
      ctx.append('Set-Cookie', `${name}=${signed ? sign(signed) : ''}${attributes}`)
    }
    ctx.body = plan.body
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
