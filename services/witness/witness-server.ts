import type { Context, Middleware } from 'koa'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import { signatureLine } from '../../shared/tlog/signed-note.ts'
import type { Witness, Witnessed } from './witness.ts'

/** A checkpoint with a hundred signatures and the longest proof has less. */
const bodyBytesMax = 64 * 1024

type Body = Readonly<{ bytes: Buffer } | { problem: 'too_large' | 'aborted' }>

const bodyOf = async ({ req }: Context): Promise<Body> => {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > bodyBytesMax) return { problem: 'too_large' }
      chunks.push(chunk)
    }
  } catch {
    return { problem: 'aborted' }
  }
  return { bytes: Buffer.concat(chunks) }
}

type Refusal = Exclude<Witnessed['outcome'], 'cosigned' | 'malformed' | 'old_size'>

/** C2SP tlog-witness says which status each has. */
const refusals: Readonly<Record<Refusal, Readonly<{ status: number; text: string }>>> = {
  unknown_log: { status: 404, text: 'This witness does not know the log.' },
  unsigned: { status: 403, text: 'No key that this witness knows signed it, or one did not.' },
  larger_old_size: { status: 400, text: 'The old size is larger than that of the checkpoint.' },
  empty_root: { status: 422, text: 'An empty tree has another root.' },
  other_root: { status: 422, text: 'The tree of this size that was cosigned has another root.' },
  inconsistent: { status: 422, text: 'The proof does not lead from the tree cosigned before.' },
}

type Parts = Readonly<{ witness: Witness; logger: Logger; meter: Meter }>

/**
 * `POST /add-checkpoint` and `GET /<log>/checkpoint` of C2SP tlog-witness, for everyone: what a log
 * signed is all that gives it a right.
 */
export class WitnessServer {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  route(): Middleware {
    return async (ctx, next) => {
      const log = /^\/([0-9a-f]{64})\/checkpoint$/.exec(ctx.path)?.[1]
      if (ctx.path !== '/add-checkpoint' && log === undefined) return next()
      ctx.set('Cache-Control', 'no-store')
      const method = log === undefined ? 'POST' : 'GET'
      if (ctx.method !== method) {
        ctx.set('Allow', method)
        return say(ctx, 405, `It is asked with ${method}.`)
      }
      try {
        await (log === undefined ? this.#add(ctx) : this.#show(ctx, log))
      } catch (error) {
        if (!isAuthError(error, 'STORE_UNAVAILABLE')) throw error
        this.#parts.logger.error({ error }, 'nothing can be cosigned')
        ctx.set('Retry-After', '1')
        say(ctx, 503, 'What was cosigned cannot be kept now, so nothing is.')
      }
    }
  }

  async #show(ctx: Context, log: string): Promise<void> {
    const note = await this.#parts.witness.latest(log)
    if (note === null) return say(ctx, 404, 'This witness never cosigned the log.')
    say(ctx, 200, note)
  }

  async #add(ctx: Context): Promise<void> {
    const body = await bodyOf(ctx)
    if ('problem' in body) {
      // The rest is not read, so the connection is of no use.
      ctx.set('Connection', 'close')
      return body.problem === 'aborted'
        ? say(ctx, 400, 'The request ended before it was whole.')
        : say(ctx, 413, `It has more than ${bodyBytesMax} bytes.`)
    }
    const witnessed = await this.#parts.witness.add(body.bytes)
    this.#parts.meter.count('curfew_witness_answers_total', { outcome: witnessed.outcome })
    switch (witnessed.outcome) {
      case 'cosigned':
        return say(ctx, 200, signatureLine(witnessed.signature))
      case 'malformed':
        return say(ctx, 400, witnessed.problem)
      case 'old_size':
        ctx.status = 409
        ctx.set('Content-Type', 'text/x.tlog.size')
        ctx.body = `${witnessed.size}\n`
        return
      default:
        this.#noteRefusal(witnessed)
        return say(ctx, refusals[witnessed.outcome].status, refusals[witnessed.outcome].text)
    }
  }

  /** A log is accused of what its own signatures prove, and of nothing that others can send. */
  #noteRefusal(witnessed: Witnessed): void {
    if (!('checkpoint' in witnessed) || witnessed.outcome === 'cosigned') return
    const { checkpoint, size: cosigned, outcome } = witnessed
    const { origin, size } = checkpoint
    const root = checkpoint.root.toString('base64')
    const fields = { outcome, origin, size, root, cosigned }
    const { logger } = this.#parts
    if (outcome === 'other_root' || outcome === 'empty_root') {
      logger.error(fields, 'a log signed a tree that is not the one that it showed')
    } else if (outcome === 'inconsistent') {
      logger.info(fields, 'a checkpoint came with a proof that does not lead to it')
    }
  }
}

const say = (ctx: Context, status: number, text: string): void => {
  ctx.status = status
  ctx.type = 'text/plain; charset=utf-8'
  ctx.body = text.endsWith('\n') ? text : `${text}\n`
}
