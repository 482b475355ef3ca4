import jwt from 'jsonwebtoken'
import {
  createGuard,
  fixedKeys,
  type Guard,
  type RevocationFeed,
} from '../../shared/guard/index.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { EpochMs, EventId, LogId } from '../../shared/kernel/ids.ts'
import type { FeedSink } from '../../shared/ports/revocation-feed.ts'
import type { AccessClaims } from '../../shared/tokens/claims.ts'
import { createRing } from '../../shared/tokens/key-rings/index.ts'
import { signAccess } from '../../shared/tokens/signing/index.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { mean, ratios } from '../statistics.ts'
import { cpuMs } from '../support/cpu-time.ts'
import { paragraph } from '../support/paragraph.ts'

const fasterMin = 20
const slowerMax = 1.1
const tokenCount = 1_000
const revocations = 100_000
const warmRounds = 100
/** Turns of both sides in a repeat, since their ratio is near 1. */
const coldTurns = 4
const logId = 'f'.repeat(32) as LogId
const issuer = 'https://auth.example'

const ring = createRing('access', { alg: 'ES256', entropy: systemEntropy })
const idOf = (index: number): string => index.toString(16).padStart(32, '0')

const claimsOf = (index: number, now: number): AccessClaims =>
  ({
    iss: issuer,
    aud: issuer,
    sub: idOf(index),
    client_id: 'web',
    sid: idOf(1e6 + index),
    jti: idOf(2e6 + index),
    iat: Math.floor(now / 1000),
    exp: Math.floor(now / 1000) + 3_600,
    auth_time: Math.floor(now / 1000),
    sst: now,
    epoch: { sub: -1, client: -1, all: -1 },
    roles: ['user'],
    token_type: 'access',
    user_id: String(index),
  }) as unknown as AccessClaims

/** Says once what lies in the log, and closes time at each call of `tick`. */
const cannedFeed = (now: () => EpochMs): RevocationFeed & { tick(): void } => {
  let sink: FeedSink | undefined
  let offset = 0
  const next = (): number => {
    offset += 1
    return offset
  }
  const tick = (): void =>
    sink?.onItems([{ kind: 'closed', offset: next(), closed: { t: now(), logId, low: 0 } }])
  return {
    tick,
    open: async (given) => {
      sink = given
      for (let index = 0; index < revocations; index += 1) {
        const key = `sid:${idOf(9e6 + index)}` as const
        const revocation = {
          key,
          cutoff: null,
          expiresAt: (now() + 900_000) as EpochMs,
          reason: 'logout',
          revokedAt: now(),
        }
        given.onItems([
          { kind: 'revocation', id: key as string as EventId, offset: next(), revocation },
        ])
      }
      tick()
      given.onCaughtUp()
    },
    close: async () => {},
  }
}

const guardWith = async (bench: Bench, tokenCacheBytes: number) => {
  const { clock, parts } = bench
  const feed = cannedFeed(() => clock.now())
  const keys = fixedKeys(ring)
  const base = { issuer, audience: issuer, keys, feed, clock, onStale: 'deny' } as const
  const guard = await parts.use(createGuard({ ...base, tokenCacheBytes }))
  await guard.start()
  return { guard, feed }
}

/** As from the network: a text of its own each time, whose hash nobody has computed yet. */
const fresh = (bytes: Buffer): string => bytes.toString('latin1')

type Fed = Readonly<{ guard: Guard; feed: Readonly<{ tick(): void }> }>

const checkedUs = async ({ guard, feed }: Fed, tokens: readonly Buffer[], rounds: number) => {
  const began = cpuMs()
  for (let round = 0; round < rounds; round += 1) {
    feed.tick()
    for (const bytes of tokens) {
      const { outcome } = await guard.check(fresh(bytes))
      if (outcome !== 'accepted') throw new Error(`a good token is ${outcome}`)
    }
  }
  return ((cpuMs() - began) * 1_000) / (rounds * tokens.length)
}

const bareUs = (tokens: readonly Buffer[]): number => {
  const began = cpuMs()
  for (const bytes of tokens) {
    jwt.verify(fresh(bytes), ring.active.key, { algorithms: ['ES256'], issuer, audience: issuer })
  }
  return ((cpuMs() - began) * 1_000) / tokens.length
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { quick, repeats, clock, say } = bench
  const now = clock.now()
  const tokens = Array.from({ length: tokenCount }, (_, index) =>
    Buffer.from(signAccess(ring, claimsOf(index, now)), 'latin1'),
  )
  const remembering = await guardWith(bench, 64 * 1024 * 1024)
  const forgetful = await guardWith(bench, 0)
  const [warm, cold, bare]: [number[], number[], number[]] = [[], [], []]
  const inTurns = async (): Promise<readonly [cold: number, bare: number]> => {
    const times: [number, number][] = []
    for (let turn = 0; turn < coldTurns; turn += 1) {
      times.push([await checkedUs(forgetful, tokens, 1), bareUs(tokens)])
    }
    return [mean(times.map(([cold]) => cold)), mean(times.map(([, bare]) => bare))]
  }
  // Twice for the compiler, and so that the tokens are known.
  await inTurns()
  for (let repeat = 0; repeat <= repeats; repeat += 1) {
    const seen = await checkedUs(remembering, tokens, quick ? 25 : warmRounds)
    const measured = [seen, ...(await inTurns())] as const
    if (repeat === 0) continue
    ;[warm, cold, bare].forEach((all, index) => void all.push(measured[index] ?? Number.NaN))
    say(`repeat ${repeat}: warm, cold, bare: ${measured.map((us) => us.toFixed(2)).join(', ')} µs`)
  }
  return {
    rows: [
      { measure: 'check of a token seen before', unit: 'µs', repeats: warm },
      { measure: 'check of a token not seen before', unit: 'µs', repeats: cold },
      { measure: 'bare jsonwebtoken.verify', unit: 'µs', repeats: bare },
      {
        ...{ command: 'guard check of a token seen before', beside: 'bare jsonwebtoken.verify' },
        measure: 'bare / seen before',
        unit: '×',
        repeats: ratios(bare, warm),
        target: { atLeast: fasterMin },
      },
      {
        ...{ measure: 'not seen before / bare', unit: '×', repeats: ratios(cold, bare) },
        ...{ command: 'guard check of a new token', beside: 'bare jsonwebtoken.verify' },
        target: { atMost: slowerMax },
      },
    ],
    notes: [
      paragraph(
        `${tokenCount} ES256 tokens of ${tokens[0]?.length} characters, a new text at each check;`,
        `the guards hold ${revocations} revocations. Bare is \`verify\` with a KeyObject, issuer`,
        'and audience: it says nothing of revocation, and takes headers that the guard refuses.',
      ),
      'Times are processor time of the process, its garbage collector included.',
    ],
  }
}

export const guardCheck: Scenario = {
  name: 'guard-check',
  claim: paragraph(
    `A guard judges a token that it saw before at least ${fasterMin} × faster than bare`,
    'jsonwebtoken.verify checks its signature.',
  ),
  needs: [],
  measure,
}
