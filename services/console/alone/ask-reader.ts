import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import type { ConsoleReader } from '../serving/serve-console.ts'
import type { GatewayDoor } from './gateway-door.ts'

const bytesMax = 16 * 1_024

/** @throws AuthError GATEWAY_UNREACHED */
const textOf = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) break
      chunks.push(chunk)
    }
  } catch (cause) {
    // A gateway that was silent for too long broke off its answer with the code of that.
    if (isAuthError(cause)) throw cause
    const problem = 'The gateway broke off its answer. Try again in a moment.'
    throw new AuthError('GATEWAY_UNREACHED', problem, { cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}

const ways = ['act', 'read', 'nothing'] as const

const readerIn = (text: string): ConsoleReader => {
  const parsed = parseStrictJson(text, { depthMax: 4 })
  const { username, may } = parsed.ok && isPlainObject(parsed.value) ? parsed.value : {}
  const way = ways.find((one) => one === may)
  return typeof username === 'string' && way ? { username, may: way } : null
}

/**
 * Who looks and what they may, as the gateway says: it knows the roles, and renews by the way a
 * session whose access token ran out. @throws AuthError GATEWAY_UNREACHED, GATEWAY_TIMEOUT
 */
export const askReader = async (
  door: GatewayDoor,
  base: string,
  ctx: Context,
): Promise<ConsoleReader> => {
  const answer = await door.ask(`${base}/console`, ctx.req, ctx.res)
  const text = await textOf(answer)
  if (answer.statusCode === 401) return null
  const reader = answer.statusCode === 200 ? readerIn(text) : null
  if (reader === null) {
    const problem =
      answer.statusCode === 200 || answer.statusCode === 303
        ? 'The gateway does not say who looks: it is older than this console.'
        : `The gateway answered ${answer.statusCode} when it was asked who looks. Try again.`
    throw new AuthError('GATEWAY_UNREACHED', problem)
  }
  for (const line of answer.headers['set-cookie'] ?? []) ctx.append('Set-Cookie', line)
  return reader
}
