import { setImmediate } from 'node:timers/promises'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { RawRecord, RawText } from '../../../shared/events/log-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type Life,
  openTrailFiles,
  readersOf,
  type TrailFiles,
  TrailLock,
  verifierKeysFile,
} from '../files/index.ts'
import { type AuditKeyRing, openAuditKeys } from '../keys/index.ts'
import { makeReceipt } from '../receipts/index.ts'
import { beginLife, type CheckpointSigner, judgeRecord, type TrailLife } from '../trees/index.ts'
import { findingText, type TrailStreams, verifyTrail } from '../verification/index.ts'
import type { Begun, FromThread, ThreadPlan, ThreadRequest } from './trail-worker-messages.ts'

type WorkerParts = Readonly<{
  plan: ThreadPlan
  clock: Clock
  entropy: Entropy
  say: (message: FromThread) => void
  /** Ends the wait for a folder that another auditor may hold. */
  stop: AbortSignal
}>

/** A rotated key is taken so soon. */
const keysReadEveryMs = 60_000
/** Of the findings of a verification. */
const toldMax = 10
const streamsPerMessage = 256
const streamsRestMs = 10

/**
 * The auditor’s side of the trail: it makes leaves and trees of what it is given, and signs them
 * once a second. It runs in a thread, which may wait for the disk.
 */
export class TrailWorker {
  readonly #parts: WorkerParts
  readonly #files: TrailFiles
  readonly #lock: TrailLock
  #keys: AuditKeyRing
  #keysReadMs: number
  #life: Readonly<{ name: Life; trees: TrailLife }> | null = null
  #closed: EpochMs | null = null
  #events: EventCheck

  private constructor(parts: WorkerParts, lock: TrailLock, keys: AuditKeyRing) {
    this.#parts = parts
    this.#lock = lock
    this.#files = openTrailFiles(parts.plan.dir, readersOf(parts.plan.groupAccess))
    this.#keys = keys
    this.#events = parts.plan.events
    this.#keysReadMs = parts.clock.monotonicMs()
    this.#writeVerifierKeys()
  }

  /** @throws AuthError TRAIL_LOCKED while another auditor writes to the folder */
  static async opened(parts: WorkerParts): Promise<TrailWorker> {
    const { plan, clock, stop } = parts
    const lock = await TrailLock.taken({
      ...{ dir: plan.dir, id: plan.lockId, clock, stop },
      readers: readersOf(plan.groupAccess),
    })
    return new TrailWorker(parts, lock, await openAuditKeys(keyFolderOf(parts)))
  }

  /** Lets go of the folder. */
  close(): void {
    this.#lock.release()
  }

  /** @throws AuthError TRAIL_INVALID and what the disk says; the worker is then of no use */
  async answer(request: ThreadRequest): Promise<unknown> {
    switch (request.kind) {
      case 'begin':
        return this.#begin(request.logId, request.partitions)
      case 'add':
        return this.#add(request)
      case 'receipt':
        return makeReceipt(this.#files, request.id)
    }
  }

  takeRing(ring: MacRing): void {
    this.#events = { ...this.#events, ring }
  }

  noteClosed(t: EpochMs): void {
    this.#closed = t
  }

  /** Reads all of the trail, as `curfew audit verify` does; others have the thread in between. */
  async verify(tellsStreams = false): Promise<void> {
    const known = this.#keys.verifiers(this.#parts.plan.host)
    const breathe = (): Promise<void> => setImmediate()
    const options = { files: this.#files, known, breathe, keepsStreams: tellsStreams }
    const { leaves, count, findings, streams } = await verifyTrail(options)
    if (tellsStreams) await this.#tellStreams(streams)
    const first = findings.slice(0, toldMax).map(findingText)
    this.#parts.say({ kind: 'verified', verified: { leaves, findings: count, first } })
  }

  /** A few at a time, so that whoever compares them keeps up. */
  async #tellStreams({ newest, completeFromMs }: TrailStreams): Promise<void> {
    const all = [...newest]
    for (let at = 0; at < all.length; at += streamsPerMessage) {
      const some = all.slice(at, at + streamsPerMessage)
      this.#parts.say({ kind: 'streams', streams: { newest: some, completeFromMs } })
      await this.#parts.clock.sleep(streamsRestMs)
    }
  }

  /** @throws what the disk says; the worker is then of no use, and another one goes on */
  async seal(): Promise<void> {
    this.#lock.hold()
    await this.#readKeys()
    const { clock, say } = this.#parts
    const at = clock.now()
    if (!this.#life?.trees.seal(at, this.#closed)) return
    say({ kind: 'sealed', at, sizes: this.#life.trees.sizes() })
  }

  #begin(logId: string, partitions: number): Begun {
    const { plan, clock, say } = this.#parts
    this.#lock.hold()
    const at = clock.now()
    const { life, trees, isNew } = beginLife({
      ...{ files: this.#files, host: plan.host, logId, partitions, at, closed: this.#closed },
      signer: this.#signer(),
      fleet: this.#events.ring.fleet ?? null,
      judge: (record) => judgeRecord(this.#events, record),
    })
    this.#life = { name: life, trees }
    if (isNew) say({ kind: 'sealed', at, sizes: trees.sizes() })
    return { life, sizes: trees.resumesAt() }
  }

  async #add(request: ThreadRequest & { kind: 'add' }): Promise<null> {
    const { life } = request
    // The log got another name meanwhile: its records are read again under that.
    if (this.#life?.name !== life) throw new AuthError('INTERNAL', `the life ${life} is over`)
    const batch = { ...request, records: request.records.map(withBuffers) }
    const alarms = await this.#life.trees.add(batch, () => setImmediate())
    for (const alarm of alarms) this.#parts.say({ kind: 'alarm', alarm })
    return null
  }

  #signer(): CheckpointSigner {
    const { plan, clock } = this.#parts
    return {
      sign: (text) => this.#keys.sign(text, plan.host, clock.now()),
      verifiers: () => this.#keys.verifiers(plan.host),
    }
  }

  async #readKeys(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs - this.#keysReadMs < keysReadEveryMs) return
    this.#keysReadMs = nowMs
    this.#keys = await openAuditKeys(keyFolderOf(this.#parts))
    this.#writeVerifierKeys()
  }

  /** For people who look; who verifies pins them elsewhere. */
  #writeVerifierKeys(): void {
    const keys = this.#keys.verifierKeys(this.#parts.plan.host)
    const text = Buffer.from(keys.map((key) => `${key}\n`).join(''))
    if (this.#files.read(verifierKeysFile)?.equals(text)) return
    this.#files.replace(verifierKeysFile, text)
    this.#files.sync()
  }
}

const isText = (raw: RawText | null): raw is string | null =>
  raw === null || typeof raw === 'string'

const bufferOf = (raw: RawText | null): RawText | null =>
  isText(raw) ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)

/**
 * What was a Buffer in the other thread comes as a Uint8Array, whose `toString` lists its numbers:
 * leaves had those in place of the key, and every event of Kafka counted as forged.
 */
const withBuffers = (record: RawRecord): RawRecord =>
  isText(record.key) && isText(record.value)
    ? record
    : { ...record, key: bufferOf(record.key), value: bufferOf(record.value) }

const keyFolderOf = ({ plan, entropy }: WorkerParts) => ({
  dir: plan.keysDir,
  entropy,
  groupAccess: plan.groupAccess,
})
