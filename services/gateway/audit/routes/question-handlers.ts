import type { Context } from 'koa'
import { isTokenId } from '../../../../shared/kernel/ids.ts'
import type { SessionPolicy } from '../../../../shared/session/session-policy.ts'
import {
  cursorOf,
  fieldProblem,
  given,
  type Handler,
  instantOf,
  limitOf,
  orderOf,
  timeOf,
} from '../../http/index.ts'
import {
  type AskedPage,
  answerQuestion,
  isCursorOf,
  type Question,
  readingOf,
} from '../../questions/index.ts'
import { findAuditActor, findAuditSubject, requireAuditor } from '../index.ts'
import type { EventRouteDeps } from './event-query.ts'

export type QuestionRouteDeps = EventRouteDeps & Readonly<{ policy: SessionPolicy }>

type Asked = (deps: QuestionRouteDeps, ctx: Context) => Promise<Question>

const userOf = async (deps: QuestionRouteDeps, ctx: Context): Promise<string | null> => {
  const user = given(ctx, 'user')
  return user === null ? null : findAuditSubject(deps, deps.audit, user)
}

const needed = (ctx: Context, name: string): string => {
  const value = given(ctx, name)
  if (value !== null) return value
  throw fieldProblem(name, 'This parameter is required.')
}

/** The question of each route, with whom it names looked up. */
export const askedQuestions = {
  held: async (deps, ctx) => {
    const now = deps.context.storeClock.now()
    const at = instantOf(ctx, 'at') ?? now
    if (at > now) throw fieldProblem('at', 'Must not be in the future.')
    return { ask: 'held', user: await userOf(deps, ctx), at }
  },
  tokens: async (_deps, ctx) => {
    const session = needed(ctx, 'session')
    if (!isTokenId(session)) throw fieldProblem('session', 'Must be 32 hex digits.')
    return { ask: 'tokens', session }
  },
  acts: async (deps, ctx) => {
    const actor = await findAuditActor(deps, deps.audit, needed(ctx, 'actor'))
    return { ask: 'acts', actor }
  },
  refusals: async (deps, ctx) => ({ ask: 'refusals', user: await userOf(deps, ctx) }),
  'used-after': async (deps, ctx) => ({ ask: 'used-after', user: await userOf(deps, ctx) }),
  'new-addresses': async (deps, ctx) => ({ ask: 'new-addresses', user: await userOf(deps, ctx) }),
} as const satisfies Record<Question['ask'], Asked>

const pageOf = (ctx: Context, question: Pick<Question, 'ask'>): AskedPage => {
  const after = cursorOf(ctx, (text) => (isCursorOf(question, text) ? text : null))
  const time = timeOf(ctx)
  const order = orderOf(ctx, question.ask === 'tokens' ? 'oldest' : 'newest')
  return { ...time, order, after, limit: limitOf(ctx) }
}

/** `GET /audit/questions/…`: for auditors and administrators. */
export const questionRoute =
  (ask: Question['ask']): Handler<QuestionRouteDeps> =>
  (deps) =>
  async (ctx) => {
    await requireAuditor(deps, ctx)
    const page = pageOf(ctx, { ask })
    const question = await askedQuestions[ask](deps, ctx)
    const answer = await answerQuestion(deps.audit, deps, question, page)
    await deps.audit.readings.tellAnswer(deps, readingOf(question, page), answer.rows.length)
    ctx.body = answer
  }
