import type { PartHealth } from '../../shared/http/health.ts'
import type { AuthErrorCode } from '../../shared/kernel/errors.ts'
import type { RateRule, Verdict } from '../../shared/ports/rate-limits.ts'
import type { FirstUser } from './first-user.ts'

/** What the primary process asks a worker for. */
export type WorkerAnswers = Readonly<{ metrics: string; firstUser: FirstUser | null }>
export type WorkerQuestion = keyof WorkerAnswers

/** To a worker. `stop` comes once; its reason is the signal that the primary got. */
export type WorkerOrder =
  | Readonly<{ kind: 'ask'; id: number; question: WorkerQuestion }>
  | Readonly<{ kind: 'stop'; reason: string }>
  | Readonly<{ kind: 'limits'; id: number; verdict: Verdict }>
  | Readonly<{ kind: 'trail'; health: PartHealth }>

export type LimitsRequest = Readonly<{
  kind: 'limits'
  id: number
  call: 'take' | 'giveBack'
  rule: RateRule
  key: string
}>

/** From a worker. Nothing follows `failed`. */
export type WorkerSays =
  | Readonly<{ kind: 'ready'; url: string }>
  | LimitsRequest
  | Readonly<{ kind: 'no_answer'; id: number; text: string }>
  | Readonly<{ kind: 'answer'; id: number; answer: unknown }>
  | Readonly<{ kind: 'failed'; code: AuthErrorCode | null; text: string }>
