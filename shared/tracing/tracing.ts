import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import { isAuthError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { parseTraceParent, type TraceParent } from './trace-parent.ts'

type Api = Pick<
  typeof import('@opentelemetry/api'),
  'context' | 'propagation' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'trace'
>

/** Where the API of OpenTelemetry keeps what an SDK registered, for all of its copies. */
const registered = Symbol.for('opentelemetry.js.api.1')

const hasSdk = (): boolean => {
  const found = (globalThis as Readonly<Record<symbol, unknown>>)[registered]
  return typeof found === 'object' && found !== null && 'trace' in found
}

/**
 * The most spans of one batch: somebody who writes to the log could name a trace in each of 20,000
 * records.
 */
const spansOfBatchMax = 20
/** Commits that are appended and not published yet, whose traces are remembered. */
const commitsMax = 10_000

export type SpanOf = Readonly<{
  name: string
  kind: 'internal' | 'producer' | 'consumer'
  attributes?: Attributes
}>

/** What Curfew does, as spans of the team’s own OpenTelemetry SDK. */
export class Tracing {
  readonly #api: Api
  readonly #tracer: Tracer
  readonly #commits = new Map<string, TraceParent>()

  constructor(api: Api) {
    this.#api = api
    this.#tracer = api.trace.getTracer('curfew')
  }

  /** Runs `work` in a span below what is active; it gets the context that others may go on with. */
  async within<T>(what: SpanOf, work: (own: TraceParent) => Promise<T>): Promise<T> {
    const { context, trace } = this.#api
    const above = context.active()
    const span = this.#started(what, above)
    return this.#ending([span], () =>
      context.with(trace.setSpan(above, span), () => work(span.spanContext())),
    )
  }

  /** Runs `work`, which is of several traces: a span in each, aligned with `parents`. */
  async among<T>(
    what: SpanOf,
    parents: readonly TraceParent[],
    work: (owns: readonly TraceParent[]) => Promise<T>,
  ): Promise<T> {
    const spans = parents.map((parent) => this.#started(what, this.#remote(parent)))
    return this.#ending(spans, () => work(spans.map((span) => span.spanContext())))
  }

  /** As `among`, for what the log names; nothing of it is believed, and not too much is done. */
  async following(
    what: SpanOf,
    carriers: readonly string[],
    work: () => Promise<void>,
  ): Promise<void> {
    const parents = [...new Set(carriers)].flatMap((carrier) => parseTraceParent(carrier) ?? [])
    return this.among(what, parents.slice(0, spansOfBatchMax), work)
  }

  /** Answers requests in a span each, unless an instrumentation of HTTP has made one. */
  serving(handler: RequestListener): RequestListener {
    const { context, propagation, trace, ROOT_CONTEXT } = this.#api
    return (request, response) => {
      const isProbe = request.url === '/healthz' || request.url === '/readyz'
      if (isProbe || trace.getActiveSpan()) return handler(request, response)
      const above = propagation.extract(ROOT_CONTEXT, request.headers)
      const span = this.#serverSpan(request, response, above)
      context.with(trace.setSpan(above, span), () => handler(request, response))
    }
  }

  remember(commit: string, parent: TraceParent): void {
    const [oldest] = this.#commits.keys()
    if (this.#commits.size >= commitsMax && oldest !== undefined) this.#commits.delete(oldest)
    this.#commits.set(commit, parent)
  }

  of(commit: string): TraceParent | undefined {
    return this.#commits.get(commit)
  }

  forget(commit: string): void {
    this.#commits.delete(commit)
  }

  #serverSpan(request: IncomingMessage, response: ServerResponse, above: Context): Span {
    // Neither path nor query: they have ids, and strangers can make up any number.
    const method = request.method ?? ''
    const kind = this.#api.SpanKind.SERVER
    const attributes = { 'http.request.method': method }
    const span = this.#tracer.startSpan(method, { kind, attributes }, above)
    response.once('close', () => {
      span.setAttribute('http.response.status_code', response.statusCode)
      if (response.statusCode >= 500) {
        span.setStatus({ code: this.#api.SpanStatusCode.ERROR })
      }
      span.end()
    })
    return span
  }

  #started({ name, kind, attributes = {} }: SpanOf, above: Context): Span {
    const { SpanKind } = this.#api
    const kinds = {
      internal: SpanKind.INTERNAL,
      producer: SpanKind.PRODUCER,
      consumer: SpanKind.CONSUMER,
    }
    return this.#tracer.startSpan(name, { kind: kinds[kind], attributes }, above)
  }

  async #ending<T>(spans: readonly Span[], work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      for (const span of spans) this.#failed(span, error)
      throw error
    } finally {
      for (const span of spans) span.end()
    }
  }

  #remote(parent: TraceParent): Context {
    const { trace, ROOT_CONTEXT } = this.#api
    return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
  }

  /** The code and no message: that may name a user. */
  #failed(span: Span, error: unknown): void {
    span.setAttribute('error.type', isAuthError(error) ? error.code : 'INTERNAL')
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR })
  }
}

/** `null` unless the team started this process with an SDK of OpenTelemetry. */
export const openTracing = async (logger: Pick<Logger, 'warn'>): Promise<Tracing | null> => {
  if (!hasSdk()) return null
  try {
    return new Tracing(await import('@opentelemetry/api'))
  } catch (error) {
    logger.warn(
      { error: error as Error },
      'no traces: @opentelemetry/api is not installed beside Curfew',
    )
    return null
  }
}

export const tracedHandler = (
  handler: RequestListener,
  tracing: Tracing | null,
): RequestListener => (tracing === null ? handler : tracing.serving(handler))
