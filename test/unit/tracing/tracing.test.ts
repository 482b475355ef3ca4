import type { RequestListener } from 'node:http'
import { context, propagation, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import fc from 'fast-check'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { hasValidMac } from '../../../shared/events/record-mac.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import {
  parseTraceParent,
  traceHeader,
  traceParentText,
} from '../../../shared/tracing/trace-parent.ts'
import { tracedLog, withTrace } from '../../../shared/tracing/traced-log.ts'
import { tracedStore } from '../../../shared/tracing/traced-store.ts'
import { openTracing, type Tracing, tracedHandler } from '../../../shared/tracing/tracing.ts'
import { aRevocationRecord, aRing } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

type Sdk = Readonly<{ tracing: Tracing; spans: InMemorySpanExporter }>

/** With an SDK in this process, which is taken out again. */
const inSdk = async (work: (sdk: Sdk) => Promise<void>): Promise<void> => {
  const spans = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  provider.register()
  try {
    const tracing = await openTracing(silentLogger)
    if (!tracing) return assert.unreachable()
    await work({ tracing, spans })
  } finally {
    for (const one of [trace, context, propagation]) one.disable()
    await provider.shutdown()
    Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'))
  }
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((letters) => letters.join(''))
    .filter((text) => !/^0+$/.test(text))

const parents = fc
  .tuple(hex(32), hex(16), fc.integer({ min: 0, max: 255 }))
  .map(([traceId, spanId, traceFlags]) => ({ traceId, spanId, traceFlags }))

claims('traces', {
  'cost nothing where nobody brought an SDK: store, log and handler are those that there were':
    async () => {
      assert.is(await openTracing(silentLogger), null)
      const [store, log] = [{}, {}] as unknown as [EventStore, EventLog]
      const handler: RequestListener = () => {}
      assert.is(tracedStore(store, null), store)
      assert.is(tracedLog(log, null), log)
      assert.is(tracedHandler(handler, null), handler)
    },

  'a context is read as it was written, and nothing else is one': () => {
    fc.assert(
      fc.property(parents, (parent) => {
        assert.equal(parseTraceParent(traceParentText(parent)), parent)
      }),
    )
    fc.assert(
      fc.property(parents, fc.nat(54), fc.string({ minLength: 1 }), (parent, at, more) => {
        const text = traceParentText(parent)
        for (const wrong of [
          text.slice(0, at),
          text + more,
          text.toUpperCase().replace('00-', ''),
        ]) {
          assert.is(parseTraceParent(wrong), null, wrong)
        }
      }),
    )
    const zeros = `00-${'0'.repeat(32)}-${'0'.repeat(15)}1-01`
    for (const wrong of [undefined, '', zeros]) assert.is(parseTraceParent(wrong), null)
  },

  'a record that names one has the MAC that it had, and says to its readers what it said': () => {
    const ring = aRing()
    const record = aRevocationRecord(ring)
    fc.assert(
      fc.property(parents, (parent) => {
        const traced = withTrace(record, parent)
        assert.is(traced.headers[traceHeader], traceParentText(parent))
        assert.ok(hasValidMac(ring, traced))
        const raw = { ...traced, partition: 0, offset: 0 }
        const plain = { ...record, partition: 0, offset: 0 }
        assert.equal(readRevocationRecord(ring, raw), readRevocationRecord(ring, plain))
      }),
    )
  },

  'what the log names is bounded: twenty spans a batch, whoever wrote it': () =>
    inSdk(async ({ tracing, spans }) => {
      // Sampled ones; the SDK drops the others by itself.
      const sampled = parents.map((parent) => ({ ...parent, traceFlags: 1 }))
      const drawn = fc.sample(sampled, 100).map(traceParentText)
      const runs: string[] = []
      const what = { name: 'process auth.events', kind: 'consumer' } as const
      await tracing.following(what, ['no trace', ...drawn, ...drawn], async () => {
        runs.push('once')
      })
      assert.equal(runs, ['once'])
      assert.is(spans.getFinishedSpans().length, 20)
      assert.equal(
        spans.getFinishedSpans().map((span) => span.spanContext().traceId),
        [...new Set(drawn)].slice(0, 20).map((text) => parseTraceParent(text)?.traceId),
      )
    }),

  'a failure is told by its code alone, and goes on to the caller': () =>
    inSdk(async ({ tracing, spans }) => {
      const failure = new AuthError('STORE_UNAVAILABLE', 'no answer for alice')
      const failing = tracing.within({ name: 'append', kind: 'internal' }, () =>
        Promise.reject(failure),
      )
      assert.is(await failing.catch((error: unknown) => error), failure)
      const [span] = spans.getFinishedSpans()
      assert.equal(span?.attributes, { 'error.type': 'STORE_UNAVAILABLE' })
      assert.equal(span?.status, { code: 2 })
      assert.equal(span?.events, [])
    }),

  'commits that wait to be published are remembered in bounds, the newest of them': () =>
    inSdk(async ({ tracing }) => {
      const [parent] = fc.sample(parents, 1)
      if (!parent) return assert.unreachable()
      for (let at = 0; at <= 10_000; at += 1) tracing.remember(`s/x:${at}`, parent)
      assert.is(tracing.of('s/x:0'), undefined)
      assert.equal(tracing.of('s/x:1'), parent)
      tracing.forget('s/x:1')
      assert.is(tracing.of('s/x:1'), undefined)
    }),
})
