import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { factsOf, type HttpDeps } from '../http/index.ts'
import type { Notice } from './notices.ts'

/** What a form did, and the cookies that it was answered with. */
export type AnsweredChange = Readonly<{ notice: Notice; cookies: readonly string[] }>

type Answered = { answer: Promise<AnsweredChange | null>; until: number }

const keptMs = 10_000
const keptMax = 1_000

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
  const parts = [ctx.path, cookies.fromRequest(ctx), [...form], origin]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}

/**
 * Answers of forms, for whoever sends the same form twice: a browser takes no cookies from the
 * first answer of a double click, nor from one that was lost. The second gets the same answer, and
 * what the form does is done once.
 */
export class AnsweredForms {
  readonly #kept = new Map<string, Answered>()

  /** What `act` returns, or returned a moment ago; `null`, and what it throws, is not kept. */
  once(
    id: string,
    nowMs: () => number,
    act: () => Promise<AnsweredChange | null>,
  ): Promise<AnsweredChange | null> {
    this.#forget(nowMs())
    const known = this.#kept.get(id)
    if (known) return known.answer
    const kept = { answer: act(), until: Number.POSITIVE_INFINITY }
    this.#kept.set(id, kept)
    const drop = (): void => {
      if (this.#kept.get(id) === kept) this.#kept.delete(id)
    }
    kept.answer.then((answer) => {
      if (answer === null) drop()
      else kept.until = nowMs() + keptMs
    }, drop)
    return kept.answer
  }

  #forget(now: number): void {
    for (const [id, { until }] of this.#kept) {
      if (until <= now || this.#kept.size > keptMax) this.#kept.delete(id)
    }
  }
}
