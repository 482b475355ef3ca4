import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { feedMessages } from '../../../.ci/reference/feed-messages.ts'
import { macHeader, signRecord } from '../../../shared/events/record-mac.ts'
import { decodeFeedEvent } from '../../../shared/guard/feed-protocol/feed-messages.ts'
import { undocumented } from '../../support/documents/documented.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  later,
} from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { readFeed } from '../../support/views/feed-reading.ts'
import { basic, introspector, openFeedWorld, reader } from '../../support/worlds/feed-world.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
/** What an event has that its message does not say; members without a name are told. */
const undocumentedIn = ({ type, body }: Readonly<{ type: string; body: object }>): string[] => {
  const message = Object.entries(feedMessages).find(([name]) => name === type)?.[1]
  if (!message) return [`${type}: no such message`]
  const isSaid = ajv.compile(z.toJSONSchema(message.schema))
  return isSaid(body) ? [] : [`${type}: ${ajv.errorsText(isSaid.errors)}: ${JSON.stringify(body)}`]
}

claims('The OpenAPI document', {
  'describes what the feed answers': async () => {
    const world = await openFeedWorld({ connectionsMax: 1 })
    const problems: string[] = []
    const ask = async (authorization: string): Promise<Response> => {
      const answer = await fetch(`${world.url}/feed`, { headers: { authorization } })
      const { status } = answer
      const contentType = answer.headers.get('content-type') ?? ''
      const text = status === 200 ? '' : await answer.text()
      problems.push(...undocumented({ method: 'get', path: '/feed', status, contentType, text }))
      return answer
    }
    try {
      assert.is((await ask('')).status, 401)
      assert.is((await ask(basic(introspector.id, introspector.secret))).status, 403)
      const reading = await ask(basic(reader.id, reader.secret))
      assert.is(reading.status, 200)
      assert.is((await ask(basic(reader.id, reader.secret))).status, 503)
      await reading.body?.cancel()
    } finally {
      await world.close()
    }
    assert.equal(problems, [])
  },
})

claims('The AsyncAPI document', {
  'describes every event that a feed tells, and none that it does not': async () => {
    const world = await openFeedWorld({ times: { heartbeatMs: 20, patienceMs: 5_000 } })
    const { log, ring, url } = world
    const logId = aLogId()
    const record = aRevocationRecord(ring)
    const forged = { ...record, headers: { ...record.headers, [macHeader]: 'k1.AAAA' } }
    const strange = { ...aRevocationRecord(ring), value: '{}' }
    const unreadable = {
      ...strange,
      headers: { ...strange.headers, [macHeader]: signRecord(ring, strange) },
    }
    try {
      await log.publish([record, forged, aClosedTimeRecord(ring, later(1), logId)])
      const reading = await readFeed(url)
      await until('it caught up', () => reading.last()?.lastEventId === `${logId}:2`)
      const resumed = await readFeed(url, { 'last-event-id': `${logId}:2` })
      const imaged = await readFeed(url, { 'curfew-image': 'a'.repeat(32) })
      await until('it has an image', () => imaged.types().includes('caught_up'))
      await log.publish([aRevocationRecord(ring), aClosedTimeRecord(ring, later(2), logId)])
      await log.publish([unreadable])
      await until('it is quiet', () => resumed.types().includes('beat'))
      await until('all was told', () => resumed.types().includes('unreadable'))
      await Promise.all([reading.leave(), resumed.leave(), imaged.leave()])
      const told = [...reading.events, ...resumed.events, ...imaged.events]
      assert.equal(told.flatMap(undocumentedIn), [])
      assert.equal(
        [...new Set(told.map(({ type }) => type))].sort(),
        Object.keys(feedMessages).sort(),
      )
    } finally {
      await world.close()
      await log.close()
    }
  },

  'has examples that a guard reads, and says what it does not take': () => {
    for (const [type, { example }] of Object.entries(feedMessages)) {
      assert.ok(decodeFeedEvent(type, JSON.stringify(example)), type)
      assert.is(undocumentedIn({ type, body: { ...example, more: 1 } }).length, 1, type)
    }
  },
})
