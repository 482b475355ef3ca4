import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { ConcurrencyLimit } from '../../kernel/concurrency/concurrency-limit.ts'
import type { Entropy } from '../../kernel/entropy.ts'
import { AuthError } from '../../kernel/errors.ts'
import { type BoundedAnswer, boundedFetch, type Fetch } from '../../kernel/http/bounded-fetch.ts'
import { type SubjectId, subjectId } from '../../kernel/ids.ts'
import { retry } from '../../kernel/retry.ts'
import type { Credentials, PasswordVerdict, UserIdentity } from '../../ports/credentials.ts'

/**
 * What Curfew and a team's own directory say to each other; docs/directory.md is its description.
 * Members that it does not name are passed over, so that a directory may say more.
 */
const subject: z.ZodType<SubjectId, string> = z.string().transform((text, context) => {
  try {
    return subjectId(text)
  } catch (error) {
    context.issues.push({ code: 'custom', input: text, message: (error as Error).message })
    return z.NEVER
  }
})
const person = z.object({
  sub: subject,
  id: z.union([z.string().min(1).max(255), z.int().transform(String)]).optional(),
  username: z.string().min(1).max(255),
  roles: z
    .array(z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/))
    .max(32)
    .default([]),
})

const subjectAnswer = z.object({ sub: subject })
const verifyAnswer = person
const userAnswer = person.extend({ active: z.boolean() })

/** @throws AuthError DIRECTORY_UNAVAILABLE that names the member at fault, and shows no value. */
const readAnswer = <T>(path: string, schema: z.ZodType<T>, text: string): T => {
  const parsed = schema.safeParse(jsonIn(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'the body'
  throw new AuthError('DIRECTORY_UNAVAILABLE', `${path} answered with ${where} in no known form`)
}

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const personOf = ({ sub, id = sub, username, roles }: z.infer<typeof person>): UserIdentity => ({
  sub,
  id,
  username,
  roles,
})

type HttpDirectoryOptions = Readonly<{
  /** Paths are put behind its own. */
  url: URL
  /** Sent as `Authorization: Bearer`, so the connection has to be https, or loopback. */
  secret: string
  /** For one call with all its tries. */
  timeoutMs: number
  clock: Clock
  entropy: Entropy
  fetch?: Fetch
}>

const answerBytesMax = 16 * 1024
const runningMax = 256
const readTriesMax = 3

type Call = Readonly<{ path: 'subject' | 'verify' | 'user'; body: object; again: boolean }>

const unavailable = (path: string, status: number): AuthError =>
  new AuthError('DIRECTORY_UNAVAILABLE', `${path} answered ${status}`, { retryAfterMs: 1_000 })

const refusals: Readonly<Record<number, Extract<PasswordVerdict, { outcome: 'refused' }>['why']>> =
  {
    401: 'wrong_password',
    403: 'inactive',
    404: 'unknown_user',
  }

/**
 * A team's own directory, asked by JSON over HTTP (docs/directory.md). Cost: one request a call, so
 * two a login. What only reads (`subject`, `user`) is tried up to three times while the timeout
 * lasts; `verify` is sent once, since the directory may count failures. Answers are never kept.
 */
export const httpCredentials = (options: HttpDirectoryOptions): Credentials => {
  const { clock, entropy, timeoutMs } = options
  const calls = new ConcurrencyLimit(runningMax, 'calls of the user directory')
  const call = (wanted: Call, expected: readonly number[]): Promise<BoundedAnswer> =>
    calls.run(async () => {
      const startedMs = clock.monotonicMs()
      const attempt = async (): Promise<BoundedAnswer> => {
        const leftMs = timeoutMs - (clock.monotonicMs() - startedMs)
        const answer = await send(options, wanted, Math.max(leftMs, 1))
        if (expected.includes(answer.status)) return answer
        throw unavailable(wanted.path, answer.status)
      }
      const triesMax = wanted.again ? readTriesMax : 1
      return retry(attempt, { clock, entropy, deadlineMs: timeoutMs, firstWaitMs: 20, triesMax })
    })
  return {
    subjectOf: async (username) => {
      const answer = await call({ path: 'subject', body: { username }, again: true }, [200, 404])
      if (answer.status === 404) return null
      return readAnswer('subject', subjectAnswer, answer.text).sub
    },

    verify: async ({ sub, username, password, origin }) => {
      const body = { username, password, address: origin.address, agent: origin.agent }
      const answer = await call({ path: 'verify', body, again: false }, [200, 401, 403, 404])
      const why = refusals[answer.status]
      if (why) return { outcome: 'refused', why }
      const person = personOf(readAnswer('verify', verifyAnswer, answer.text))
      // The cutoffs were read for `sub`: another subject's would not bind this session.
      return person.sub === sub ? { outcome: 'verified', person } : { outcome: 'changed' }
    },

    bySub: async (sub) => {
      const answer = await call({ path: 'user', body: { sub }, again: true }, [200, 404])
      if (answer.status === 404) return { state: 'absent' }
      const { active, ...said } = readAnswer('user', userAnswer, answer.text)
      const person = personOf(said)
      if (person.sub !== sub) {
        throw new AuthError('DIRECTORY_UNAVAILABLE', 'user answered with another subject')
      }
      return { state: active ? 'active' : 'inactive', person }
    },
  }
}

const send = (
  { url, secret, clock, fetch = globalThis.fetch }: HttpDirectoryOptions,
  { path, body }: Call,
  timeoutMs: number,
): Promise<BoundedAnswer> =>
  boundedFetch({
    fetch,
    clock,
    url: new URL(`${url.href.replace(/\/$/, '')}/${path}`),
    init: {
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    },
    timeoutMs,
    bytesMax: answerBytesMax,
    code: 'DIRECTORY_UNAVAILABLE',
  })
