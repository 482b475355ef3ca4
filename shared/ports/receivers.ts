import type { ClientId, EpochMs } from '../kernel/ids.ts'

export type ReceiverKind = 'ssf-push' | 'ssf-poll' | 'backchannel'

/** What its owner asked for. `authorization` is a secret of the receiver's. */
export type ReceiverConfig = Readonly<{
  /** Where to POST; `null` for one that polls. */
  url: string | null
  authorization: string | null
  audience: string
  /** Types of events, as URIs; `null` = all that there are. */
  events: readonly string[] | null
  description: string | null
  /** Whether the relying party needs `sid` in a logout token. */
  sessionRequired: boolean
}>

/** Told beside the log: that the state changed, or what a receiver asked for to see it arrive. */
export type ControlEvent =
  | Readonly<{ id: string; at: EpochMs; kind: 'verification'; state: string | null }>
  | Readonly<{
      id: string
      at: EpochMs
      kind: 'stream-updated'
      status: ReceiverState
      reason: string | null
    }>

export type ReceiverState = 'enabled' | 'paused' | 'disabled'

/** A person, a session, or a session of a person; what is `null` is any. */
export type Subject = Readonly<{ user: string | null; session: string | null }>
export type SubjectRule = Subject & Readonly<{ told: boolean }>

export type Receiver = Readonly<{
  id: string
  kind: ReceiverKind
  client: ClientId
  config: ReceiverConfig
  /** Whom it is told of: everybody or nobody, but for what the newest fitting rule says. */
  subjects: Readonly<{ all: boolean; rules: readonly SubjectRule[] }>
  status: Readonly<{ state: ReceiverState; reason: string | null }>
  /** By partition of `auth.events`: all below is delivered. */
  cursor: readonly Readonly<{ partition: number; next: number }>[]
  /** Grows when its owner has the cursor set anew; who serves it must begin again. */
  generation: number
  /** Ids of SETs above the cursor that were acknowledged out of order; bounded. */
  acked: readonly string[]
  control: readonly ControlEvent[]
  verifiedAt: EpochMs | null
  /** When it took a SET last, by the store’s clock; `null`: not known. */
  deliveredAt: EpochMs | null
  /** SETs that the receiver refused for good. */
  refused: number
  /** Which gateway serves it, by the store's clock. */
  lease: Readonly<{ owner: string; until: EpochMs }> | null
  /** Grows with each `replace`. */
  revision: number
}>

/**
 * Who is told of revocations, and how far each has come: a few small documents.
 * - `create` refuses an id that is taken, and a receiver beyond 64 (not promised: exactly 64 when
 *   several are made at once).
 * - `replace` writes all but `revision`, which becomes one more, and only if the stored one is
 *   still `receiver.revision`; of racing calls one wins.
 * - Reads return what was acknowledged before they began. Rejects with STORE_UNAVAILABLE.
 */
export interface Receivers {
  create(receiver: Receiver): Promise<'created' | 'exists' | 'full'>
  get(id: string): Promise<Receiver | null>
  /** In order of id. */
  list(): Promise<readonly Receiver[]>
  replace(receiver: Receiver): Promise<'replaced' | 'stale' | 'absent'>
  remove(id: string): Promise<void>
  close(): Promise<void>
}

/** Receivers of one deployment: each costs a reader of the log. */
export const receiversMax = 64
