import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { factsOf, type HttpDeps } from '../http/index.ts'
import type { Notice } from './notice-kinds.ts'

/** What a form did, and the cookies that it was answered with. */
export type AnsweredChange = Readonly<{ notice: Notice; cookies: readonly string[] }>

type Answered<Answer> = { answer: Promise<Answer | null>; until: number }

const keptMs = 10_000
const keptMax = 1_000

const hashOf = (parts: unknown): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64')

/**
 * One form sent once: from the same browser, with the same tokens and the same fields. Whoever has
 * another token, or sends from elsewhere, sent another one.
 */
export const formId = (
  { cookies }: HttpDeps,
  ctx: Context,
  form: ReadonlyMap<string, string>,
): string => {
  const { origin } = factsOf(ctx)
  return hashOf([ctx.path, cookies.fromRequest(ctx), [...form], origin])
}

/**
 * One sign-in form sent once, by the token that its page was drawn with; `null` without one. The
 * token is no secret: whoever sends it again has to know the password too, which is in the id.
 */
export const signInId = (ctx: Context, form: ReadonlyMap<string, string>): string | null => {
  if (!/^[\w-]{22}$/.test(form.get('once') ?? '')) return null
  return hashOf([ctx.path, [...form], factsOf(ctx).origin])
}

/**
 * Answers of forms, for whoever sends the same form twice: a browser takes no cookies from the
 * first answer of a double click, nor from one that was lost. The second gets the same answer, and
 * what the form does is done once. An answer, which has tokens in it, is dropped after ten seconds.
 */
export class IdempotentForms<Answer> {
  readonly #kept = new Map<string, Answered<Answer>>()
  readonly #closed = new AbortController()
  #isSweeping = false

  /** What `act` returns, or returned a moment ago; `null`, and what it throws, is not kept. */
  once(id: string, clock: Clock, act: () => Promise<Answer | null>): Promise<Answer | null> {
    this.#forget(clock.monotonicMs())
    const known = this.#kept.get(id)
    if (known) return known.answer
    const kept = { answer: act(), until: Number.POSITIVE_INFINITY }
    this.#kept.set(id, kept)
    const drop = (): void => {
      if (this.#kept.get(id) === kept) this.#kept.delete(id)
    }
    kept.answer.then((answer) => {
      if (answer === null) return drop()
      kept.until = clock.monotonicMs() + keptMs
      void this.#sweep(clock)
    }, drop)
    return kept.answer
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#kept.size
  }

  /** Nobody is answered any more: what is kept is dropped at once, and waits for nothing. */
  close(): void {
    this.#closed.abort()
    this.#forget(Number.POSITIVE_INFINITY)
  }

  async #sweep(clock: Clock): Promise<void> {
    if (this.#isSweeping) return
    this.#isSweeping = true
    while (this.#kept.size > 0) {
      await clock.sleep(keptMs, this.#closed.signal)
      this.#forget(this.#closed.signal.aborted ? Number.POSITIVE_INFINITY : clock.monotonicMs())
    }
    this.#isSweeping = false
  }

  #forget(now: number): void {
    for (const [id, { until }] of this.#kept) {
      if (until <= now || this.#kept.size > keptMax) this.#kept.delete(id)
    }
  }
}
