import { createSecretKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuthEvent, currentVersion, type TokenRevoked } from '../../shared/events/event.ts'
import {
  encodeClosedTime,
  encodeRevocation,
  encodeSignedEvent,
} from '../../shared/events/event-codec.ts'
import {
  closedTimeExample,
  type EventExample,
  eventExamples,
  revocationExample,
} from '../../shared/events/examples.ts'
import type { LogRecord } from '../../shared/events/log-record.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'

/** A MAC key that everybody knows: golden records can be checked, nothing real is signed by it. */
export const sampleRing: MacRing = {
  active: 'golden',
  keys: new Map([['golden', createSecretKey(Buffer.alloc(32, 7))]]),
}
/** The same of `auth.events`. */
export const sampleEventsRing: MacRing = {
  active: 'golden',
  keys: new Map([['golden', createSecretKey(Buffer.alloc(32, 9))]]),
  fleet: '0123456789abcdef',
}
const sampleRequest = '4bf92f3577b34da6a3ce929d0e0e4736'
export const sampleSource = 'https://auth.example'

const root = join(import.meta.dirname, '../..')
/** In `events` lie events without MAC, actor and request, as the first versions wrote them. */
const goldenFolders = ['test/golden/records', 'test/golden/events'] as const

const isCurrent = ({ stored: { type, version } }: EventExample): boolean =>
  currentVersion[type] === version

const recordedOf = ({ id, at, stored }: EventExample) => ({
  ...{ id, at, event: stored as AuthEvent },
  request: sampleRequest,
})

const revoked = (): LogRecord => {
  const example = eventExamples.find(({ stored }) => stored.type === 'TokenRevoked')
  if (!example) throw new Error('there is no sample of TokenRevoked')
  const recorded = { ...recordedOf(example), event: example.stored as TokenRevoked }
  return encodeRevocation(sampleSource, sampleRing, recorded, revocationExample)
}

/**
 * Every record that this version of Curfew writes, by the name of its golden file. Older versions
 * of events are not written any more: their golden files are all that is left of them.
 */
export const sampleRecords = (): ReadonlyMap<string, LogRecord> =>
  new Map([
    ...eventExamples
      .filter(isCurrent)
      .map((example): [string, LogRecord] => [
        `${example.stored.type}.v${example.stored.version}`,
        encodeSignedEvent(sampleSource, sampleEventsRing, recordedOf(example)),
      ]),
    ['Revocation.v1', revoked()],
    ['ClosedTime.v2', encodeClosedTime(sampleSource, sampleRing, closedTimeExample)],
  ])

/** A record of that name; of an older version, which is not written any more, its golden file. */
export const sampleRecord = (name: string): LogRecord | undefined => {
  const written = sampleRecords().get(name)
  if (written) return written
  const paths = goldenFolders.map((folder) => join(root, folder, `${name}.json`))
  const path = paths.find((one) => existsSync(one))
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as LogRecord)
}
