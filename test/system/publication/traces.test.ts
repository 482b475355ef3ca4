import { join } from 'node:path'
import { type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { spansIn, type ToldSpan, traced } from '../../support/tracing/told-spans.ts'
import { until } from '../../support/until.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const caller = 'b7ad6b7169203331'

const childOf = (spans: readonly ToldSpan[], parent: string, name: string): ToldSpan | undefined =>
  spans.find((span) => span.parent === parent && span.name === name)

/** Logs in and out; the logout is of a trace that its caller began. */
const loggedOut = async (fleet: Fleet, url: string, file: string): Promise<() => ToldSpan[]> => {
  const visitor = await loggedIn(fleet, url, await fleet.addUser('anna'))
  const headers = { traceparent: `00-${traceId}-${caller}-01` }
  assert.is((await visitor.post(`${url}/logout`, {}, headers)).status, 200)
  return () => spansIn(file).filter((span) => span.traceId === traceId)
}

const has = (spans: readonly ToldSpan[], name: string): boolean =>
  spans.some((span) => span.name === name)

const namesNobody = (file: string): void => {
  const told = spansIn(file).map(({ attributes }) => JSON.stringify(attributes))
  assert.ok(told.length > 5)
  assert.not.match(told.join('\n'), /anna|[0-9a-f]{32}|eyJ/)
}

const { kafka, mongo } = await useServers(['kafka', 'mongo'])

claims('a trace', {
  'of a logout goes from the request to what read it in the same process': () =>
    withFleet(null, async (fleet) => {
      const file = join(fleet.dir, 'spans')
      const { url } = await fleet.everything(traced(file, 'curfew'))
      const ours = await loggedOut(fleet, url, file)
      await until('it was read', () => has(ours(), 'process auth.events'))
      await until('it was answered', () => has(ours(), 'POST'))
      const spans = ours()
      const request = childOf(spans, caller, 'POST')
      assert.is(request?.attributes['http.response.status_code'], 200)
      const append = childOf(spans, request?.spanId ?? '', 'append')
      assert.equal(append?.attributes['curfew.events'], ['TokenRevoked'])
      for (const topic of ['auth.revocations', 'auth.events']) {
        assert.ok(childOf(spans, append?.spanId ?? '', `process ${topic}`), topic)
      }
      namesNobody(file)
    }),

  ...(isMissing(kafka) || isMissing(mongo)
    ? {}
    : {
        'of a logout goes from the gateway by Kafka to projector and auditor': () =>
          withFleet({ brokers: kafka.brokers, mongoUrl: mongo.url }, async (fleet) => {
            const file = join(fleet.dir, 'spans')
            const { url } = await fleet.gateway(traced(file, 'gateway'))
            await fleet.projector(traced(file, 'projector'))
            const auditor = await fleet.auditor(traced(file, 'auditor'))
            const ours = await loggedOut(fleet, url, file)
            const readBy = (service: string, topic: string): boolean =>
              ours().some((span) => span.service === service && span.name === `process ${topic}`)
            await until('the projector folded it', () => readBy('projector', 'auth.revocations'))
            await until('the auditor signed it', () => readBy('auditor', 'auth.events'))
            await until('it was answered', () => has(ours(), 'POST') && has(ours(), 'publish'))
            const spans = ours()
            const append = childOf(spans, childOf(spans, caller, 'POST')?.spanId ?? '', 'append')
            const publish = childOf(spans, append?.spanId ?? '', 'publish')
            const read = spans.filter(({ service }) => service !== 'gateway')
            for (const span of read) assert.is(span.parent, publish?.spanId, span.name)
            // The MAC covers no header of the trace: what names one is an event all the same.
            assert.not.match(auditor.output(), /bad MAC/)
            namesNobody(file)
          }),
      }),
})
