import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'
import type { Life } from '../files/index.ts'
import type { TrailAlarm } from '../trees/index.ts'
import type { MetVersion } from '../verification/index.ts'

/** Where the trail is, and what it is called. */
export type TrailPlan = Readonly<{
  /** The trail’s folder. */
  dir: string
  keysDir: string
  groupAccess: GroupAccess
  /** The name of the keys, and what all origins begin with. */
  host: string
}>

/** What the thread is started with. */
export type ThreadPlan = TrailPlan &
  Readonly<{
    /** How it tells that a gateway of the fleet wrote an event. */
    events: EventCheck
    /** What it holds the folder by. */
    lockId: string
  }>

/** What the thread is asked for; each is answered under its id. */
export type ThreadRequest = Readonly<
  | {
      kind: 'begin'
      /** The identity of the log, as closed times name it now. */
      logId: string
      partitions: number
    }
  | {
      kind: 'add'
      life: Life
      partition: number
      end: number
      records: readonly RawRecord[]
      /** Of each record: the process signed it itself. */
      isSigned: readonly boolean[]
    }
  | { kind: 'receipt'; id: string }
>
/** Without an answer. */
export type ThreadNote =
  | Readonly<{ kind: 'closed'; t: EpochMs }>
  /** `tellsStreams`: also what the trail has of each stream, before what it came to. */
  | Readonly<{ kind: 'verify'; tellsStreams: boolean }>
  | Readonly<{ kind: 'close' }>
  /** Its keys changed. */
  | Readonly<{ kind: 'ring'; ring: MacRing }>
export type ToThread = ThreadNote | Readonly<{ kind: 'ask'; id: number; request: ThreadRequest }>

/** Where each partition goes on in the life that began, or goes on. */
export type Begun = Readonly<{ life: Life; sizes: ReadonlyMap<number, number> }>

/** The newest version of some streams that the trail has. */
export type ToldStreams = Readonly<{
  newest: readonly (readonly [stream: string, met: MetVersion])[]
  completeFromMs: number
}>

/** What a verification of the whole trail came to. */
export type Verified = Readonly<{
  leaves: number
  /** How much was found, and the first of it in words. */
  findings: number
  first: readonly string[]
}>

export type SentProblem = Readonly<{ code: string | null; message: string }>

export type FromThread =
  | Readonly<{ kind: 'answer'; id: number; answer: unknown }>
  | Readonly<{ kind: 'refused'; id: number; problem: SentProblem }>
  | Readonly<{ kind: 'alarm'; alarm: TrailAlarm }>
  | Readonly<{ kind: 'streams'; streams: ToldStreams }>
  | Readonly<{ kind: 'verified'; verified: Verified }>
  | Readonly<{ kind: 'sealed'; at: EpochMs; sizes: ReadonlyMap<number, number> }>
  /** Why it ends: what a thread throws arrives without its code. */
  | Readonly<{ kind: 'failed'; problem: SentProblem }>
  | Readonly<{ kind: 'closed' }>
