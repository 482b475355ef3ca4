import type { Commit, Epoch } from '../../../shared/events/commit.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { msOf } from '../../../shared/kernel/ids.ts'
import { isBelowCutoff, noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import {
  type decideRefresh,
  type RefreshDecision,
  replacementInstant,
} from '../../../shared/session/decide-refresh.ts'
import { endSession, isLive } from '../../../shared/session/end-session.ts'
import { openSession } from '../../../shared/session/open-session.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import { aClaim, aClient, aJti, aSid, aSub } from '../../support/fakes/builders.ts'
import { at, currentOf, dayMs, type Presented, stored } from './session-builders.ts'

export type Decide = typeof decideRefresh

/**
 * What happens in a run; numbers pick among what there is, modulo its length; token 0 is the
 * newest.
 */
export type Step =
  | Readonly<{ do: 'login' }>
  /** `waitMs` in the gateway, between arrival and decision. */
  | Readonly<{ do: 'refresh'; session: number; token: number; waitMs: number }>
  /** So many rotations at one instant: more than a commit carries along. */
  | Readonly<{ do: 'burst'; session: number; count: number }>
  /** A token of a branch that a restore from backup lost: authentic, but not in the stream. */
  | Readonly<{ do: 'refresh_lost'; session: number; ahead: number }>
  | Readonly<{ do: 'logout'; session: number }>
  | Readonly<{ do: 'cutoff'; of: keyof Epoch }>
  | Readonly<{ do: 'advance'; ms: number }>

type Token = Presented & { replacedAt: number | null; successor: string | null }
type Session = {
  readonly commits: Commit[]
  readonly tokens: Token[]
  readonly epoch: Epoch
  dead: boolean
}

/**
 * The rules of I1, I2 and I4 as a few lines over what happened, beside the real decider: it knows
 * no `recent`, no versions and no look-up. `violations` says where the decider did otherwise.
 */
export class RefreshModel {
  readonly violations: string[] = []
  readonly #decide: Decide
  readonly #policy: SessionPolicy
  readonly #sessions: Session[] = []
  #cutoffs: Epoch = noCutoffs
  #nowMs = 0

  constructor(decide: Decide, policy: SessionPolicy) {
    this.#decide = decide
    this.#policy = policy
  }

  take(step: Step): void {
    switch (step.do) {
      case 'login':
        this.#login()
        return
      case 'advance':
        this.#nowMs += step.ms
        return
      case 'cutoff':
        this.#cutoffs = { ...this.#cutoffs, [step.of]: this.#cutoffs[step.of] + 1 }
        return
      default:
        this.#takeIn(step)
    }
  }

  #takeIn(step: Extract<Step, { session: number }>): void {
    const session = this.#sessions[step.session % Math.max(this.#sessions.length, 1)]
    if (!session) return
    if (step.do === 'logout') this.#logout(session)
    else if (step.do === 'refresh_lost') this.#refreshLost(session, step.ahead)
    else if (step.do === 'refresh') this.#present(session, step.token, step.waitMs)
    else for (let done = 0; done < step.count; done += 1) this.#present(session, 0, 0)
  }

  #present(session: Session, index: number, waitMs: number): void {
    const token = session.tokens.at(-1 - (index % session.tokens.length))
    if (token) this.#refresh(session, token, waitMs)
  }

  #login(): void {
    const now = at(this.#nowMs)
    const owner = { sid: aSid(), sub: aSub(), client: aClient, epoch: this.#cutoffs }
    const rest = { ids: { access: aJti(), refresh: aJti() }, claim: aClaim(), origin: noOrigin }
    const commit = openSession({ ...owner, ...rest, arrival: now, now }, this.#policy)
    const token = { ...currentOf(commit), replacedAt: null, successor: null }
    const session = { commits: [stored(commit)], tokens: [token], epoch: this.#cutoffs }
    this.#sessions.push({ ...session, dead: false })
  }

  #logout(session: Session): void {
    const newest = session.commits.at(-1) ?? null
    if (!isLive(newest)) return
    const now = at(this.#nowMs)
    const end = { reason: 'logout', now, claim: aClaim(), origin: noOrigin } as const
    session.commits.push(stored(endSession(newest, end)))
    session.dead = true
  }

  #isDead({ dead, epoch }: Session): boolean {
    return dead || isBelowCutoff(epoch, this.#cutoffs)
  }

  #expected(session: Session, token: Token, arrivalMs: number): string {
    if (this.#isDead(session)) return 'refused dead'
    if (token.replacedAt === null) return 'insert'
    if (arrivalMs - token.replacedAt >= this.#policy.graceMs) return 'reuse'
    return token === session.tokens.at(-2) ? 'replay' : 'superseded'
  }

  #asked(session: Session, token: Presented, arrivalMs: number): RefreshDecision {
    const newest = session.commits.at(-1) ?? null
    const ids = { access: aJti(), refresh: aJti() }
    const when = { arrival: at(arrivalMs), now: at(this.#nowMs) }
    const { version, jti } = token
    const request = { token: { version, jti }, ...when, ids, claim: aClaim(), origin: noOrigin }
    const first = this.#decide(newest, this.#cutoffs, request, this.#policy)
    if (first.decide !== 'look_up') return first
    const replaced = replacementInstant(version, session.commits.slice(version + 1))
    const replacedAt = replaced === 'read_on' ? null : replaced
    return this.#decide(newest, this.#cutoffs, { ...request, replacedAt }, this.#policy)
  }

  #refresh(session: Session, token: Token, waitMs: number): void {
    const arrivalMs = this.#nowMs
    this.#nowMs += waitMs
    const expected = this.#expected(session, token, arrivalMs)
    const decision = this.#asked(session, token, arrivalMs)
    const seen = decision.decide === 'refused' ? `refused ${decision.why}` : decision.decide
    if (seen !== expected) this.#say(`decided ${seen} where ${expected} is right`)
    if (decision.decide === 'insert') this.#inserted(session, token, stored(decision.commit))
    if (decision.decide === 'replay') {
      const { jti } = decision.session.current.token
      this.#succeeds(token, jti)
      if (this.#isDead(session)) this.#say('a dead session answered tokens')
    }
    if (decision.decide === 'reuse') {
      if (this.#isDead(session)) this.#say('a dead session raised an alarm')
      session.commits.push(stored(decision.commit))
      session.dead = true
    }
  }

  #inserted(session: Session, token: Token, commit: Commit): void {
    const before = session.commits.at(-1)
    if (this.#isDead(session)) this.#say('a dead session issued tokens')
    const next = currentOf(commit)
    this.#succeeds(token, next.jti)
    token.replacedAt ??= this.#nowMs
    const kept = commit.expiresAt ?? 0
    if (kept < (before?.expiresAt ?? 0)) this.#say('expiresAt shrank')
    const latest = commit.session?.expMax
    if (latest && kept < msOf(latest) + dayMs) this.#say('a commit expires too early')
    if (JSON.stringify(commit.session?.epoch) !== JSON.stringify(session.epoch))
      this.#say('a refresh changed the epoch of the birth')
    session.commits.push(commit)
    session.tokens.push({ ...next, replacedAt: null, successor: null })
  }

  #succeeds(token: Token, jti: string): void {
    if (token.successor !== null && token.successor !== jti) this.#say('two successors')
    token.successor ??= jti
  }

  #refreshLost(session: Session, ahead: number): void {
    const newest = session.commits.at(-1)
    if (!newest) return
    const version = session.tokens.at(-1)?.version ?? 0
    const token = { version: version + ahead, jti: aJti() }
    const isAfterStream = token.version > newest.id.v
    const expected = this.#isDead(session) && !isAfterStream ? 'dead' : 'unknown'
    const decision = this.#asked(session, token, this.#nowMs)
    const seen = decision.decide === 'refused' ? decision.why : decision.decide
    if (seen !== expected) this.#say(`a lost token: decided ${seen} where ${expected} is right`)
  }

  #say(violation: string): void {
    this.violations.push(violation)
  }
}
