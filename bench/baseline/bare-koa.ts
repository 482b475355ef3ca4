import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import jwt, { type Algorithm, type JwtHeader } from 'jsonwebtoken'
import Koa from 'koa'
import { type Listening, listen } from '../../shared/http/listen.ts'
import { serve } from '../support/serve.ts'

/** A token of an answer of Curfew, and what follows it in its Set-Cookie line. */
export type SampleCookie = Readonly<{ name: string; token: string; attributes: string }>

/** An answer of Curfew to copy: the tokens to sign, its other header lines, its body. */
export type BareKoaPlan = Readonly<{
  cookies: readonly SampleCookie[]
  headers: readonly (readonly [string, string])[]
  body: object
}>

type Template = Readonly<{
  name: string
  attributes: string
  header: JwtHeader
  claims: Record<string, unknown>
  key: KeyObject
}>

const templateOf = ({ name, token, attributes }: SampleCookie): Template => {
  const decoded = jwt.decode(token, { complete: true })
  if (!decoded || typeof decoded.payload === 'string') throw new Error('the sample is no token')
  const isSymmetric = decoded.header.alg.startsWith('HS')
  const key = isSymmetric
    ? createSecretKey(randomBytes(32))
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return { name, attributes, header: decoded.header, claims: decoded.payload, key }
}

const sign = ({ header, claims, key }: Template): string =>
  jwt.sign({ ...claims, jti: randomBytes(16).toString('hex') }, key, {
    algorithm: header.alg as Algorithm,
    header,
  })

/**
 * What an answer costs without verifying, deciding, storing and telling: Koa, a signature by
 * jsonwebtoken for each token over the same claims, and an answer of the same headers and size.
 */
const start = (plan: BareKoaPlan): Promise<Listening> => {
  const templates = plan.cookies.map(templateOf)
  const app = new Koa()
  app.use((ctx) => {
    for (const [name, value] of plan.headers) ctx.set(name, value)
    for (const template of templates) {
      ctx.append('Set-Cookie', `${template.name}=${sign(template)}${template.attributes}`)
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
