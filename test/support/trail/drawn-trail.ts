import type { TrailFiles } from '../../../services/auditor/files/index.ts'
import { AuditKeyRing } from '../../../services/auditor/keys/index.ts'
import type { CheckpointSigner, RecordJudge } from '../../../services/auditor/trees/index.ts'
import { TrailLife } from '../../../services/auditor/trees/index.ts'
import { event, noAct } from '../../../shared/events/event.ts'
import { encodeEvent } from '../../../shared/events/event-codec.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs, EventId, SessionId } from '../../../shared/kernel/ids.ts'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { noon, source } from '../fakes/builders.ts'

export const host = 'auth.example/audit'
export const logId = '10910910910910910910910910910910'
export const ring = AuditKeyRing.made()

const sid = (session: number): SessionId => `5e55${String(session).padStart(28, '0')}` as SessionId

type Drawn = Readonly<{ session: number; version: number; partition: number }>

const makeRecord = (offset: number, { session, version, partition }: Drawn): RawRecord => {
  const revoked = event('TokenRevoked', {
    scope: 'session',
    key: `sid:${sid(session)}`,
    reason: 'logout',
    cutoff: null,
    sub: null,
    sid: sid(session),
    revokedAt: noon,
    expiresAt: noon,
    refresh: null,
    ...noAct,
  })
  const id = `s/${sid(session)}:${version}:0` as EventId
  const record = encodeEvent(source, { id, at: (noon + offset) as EpochMs, event: revoked })
  const { key, headers, value } = record
  return { topic: 'auth.events', partition, offset, key, headers, value }
}

const keptMax = 2_000
/** By offset: most tests want the same ones, over and over. */
const kept: RawRecord[] = []

/** A record of a session’s event, as a log gives it. */
export const recordAt = (
  offset: number,
  { session = offset, version = 0, partition = 0 } = {},
): RawRecord => {
  if (session !== offset || version !== 0 || partition !== 0 || offset >= keptMax) {
    return makeRecord(offset, { session, version, partition })
  }
  const record = kept[offset] ?? makeRecord(offset, { session, version, partition })
  kept[offset] = record
  return record
}

export const recordsOf = (from: number, to: number, partition = 0): RawRecord[] =>
  Array.from({ length: to - from }, (_, at) => recordAt(from + at, { partition }))

export type SignedText = Readonly<{ origin: string; size: number; root: string }>

/** A signer that remembers all that it signed. */
export const rememberingSigner = (
  signed: SignedText[] = [],
): CheckpointSigner & Readonly<{ signed: readonly SignedText[] }> => ({
  signed,
  sign: (text) => {
    const { origin, size, root } = parseCheckpointText(text)
    signed.push({ origin, size, root: root.toString('base64') })
    return ring.sign(text, host, noon)
  },
  verifiers: () => ring.verifiers(host),
})

type Opening = Readonly<{
  files: TrailFiles
  signer?: CheckpointSigner
  partitions?: number
  life?: string
  previous?: string | null
  fleet?: string | null
  judge?: RecordJudge
}>

export const openLife = ({
  files,
  signer = rememberingSigner(),
  partitions = 1,
  life = logId,
  previous = null,
  fleet = null,
  judge = () => null,
}: Opening): TrailLife =>
  TrailLife.opened({ files, host, life, previous, partitions, signer, fleet, judge })

export const atOnce = async (): Promise<void> => {}

/** A life with the records, signed after each `batch` of them. */
export const trailOf = async (
  files: TrailFiles,
  records: readonly RawRecord[],
  { batch = 100, partitions = 1, life = logId, previous = null as string | null } = {},
): Promise<TrailLife> => {
  const trees = openLife({ files, partitions, life, previous })
  for (let partition = 0; partition < partitions; partition += 1) {
    const own = records.filter((record) => record.partition === partition)
    for (let from = 0; from < own.length; from += batch) {
      await trees.add(
        { partition, records: own.slice(from, from + batch), end: own.length },
        atOnce,
      )
      trees.seal((noon + from) as EpochMs, noon)
    }
  }
  trees.seal((noon + 3_600_000) as EpochMs, noon)
  return trees
}
