import { verifierKeysFile } from '../../../services/auditor/files/index.ts'
import { headsIn } from '../../../services/auditor/heads/index.ts'
import { AuditKeyRing } from '../../../services/auditor/keys/index.ts'
import { beginLife, type TrailLife } from '../../../services/auditor/trees/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { KnownHead } from '../../../shared/ports/trail-heads.ts'
import { type HeadAnswer, parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import { noon } from '../fakes/builders.ts'
import { assert } from '../suite.ts'
import { CrashingFiles } from './crashing-files.ts'
import { atOnce, host, recordsOf, rememberingSigner } from './drawn-trail.ts'

const dayMs = 86_400_000

/** A trail that an auditor goes on with, whose log is renewed and whose key rotates. */
export class LivingTrail {
  readonly files: CrashingFiles
  #ring: AuditKeyRing
  #logs: number
  #at: number
  #trees: TrailLife | null = null

  private constructor(files: CrashingFiles, ring: AuditKeyRing, logs: number, at: number) {
    this.files = files
    this.#ring = ring
    this.#logs = logs
    this.#at = at
  }

  static begun(): LivingTrail {
    const trail = new LivingTrail(new CrashingFiles(), AuditKeyRing.made(), 0, noon)
    trail.renew()
    return trail
  }

  /** The same trail, which goes on by itself from `at` ms later on: a backup, or a second past. */
  copied(laterMs = 0): LivingTrail {
    const files = new CrashingFiles(this.files.disk)
    return new LivingTrail(files, this.#ring, this.#logs, this.#at + laterMs)
  }

  /** Heads are signed, one for each second. */
  grow(heads: number): void {
    for (let count = 0; count < heads; count += 1) {
      this.#at += 60_000
      this.#opened().seal(this.#at as EpochMs, noon)
    }
  }

  /** Records come, and a head with them. */
  async add(): Promise<void> {
    const size = this.#opened().sizes().get(0) ?? 0
    const end = size + 3
    await this.#opened().add({ partition: 0, records: recordsOf(size, end), end }, atOnce)
    this.grow(1)
  }

  /** The log gets another name: a new life begins with the head of the one before. */
  renew(): void {
    this.#logs += 1
    this.#trees = null
    this.grow(1)
  }

  rotateKeys(): void {
    this.#ring = this.#ring.rotated(this.#at as EpochMs)
    this.#trees = null
    this.grow(1)
  }

  /** What was rotated away signs no more. */
  endOverlap(): void {
    this.#at += 31 * dayMs
    this.grow(1)
  }

  keys(): readonly string[] {
    return this.#ring.verifierKeys(host)
  }

  async answer(known: KnownHead | null): Promise<HeadAnswer> {
    const answer = parseHeads((await headsIn(this.files).newest(known)) ?? '')
    assert.ok(answer)
    return answer
  }

  #opened(): TrailLife {
    if (this.#trees !== null) return this.#trees
    const at = this.#at as EpochMs
    const signer = {
      ...rememberingSigner(),
      sign: (text: string) => this.#ring.sign(text, host, this.#at as EpochMs),
      verifiers: () => this.#ring.verifiers(host),
    }
    const logId = String(this.#logs).padStart(32, '0')
    const { trees } = beginLife({
      ...{ files: this.files, host, logId, partitions: 1, at, closed: null },
      ...{ signer, fleet: null, judge: () => null },
    })
    const keys = this.keys().map((key) => `${key}\n`)
    this.files.replace(verifierKeysFile, Buffer.from(keys.join('')))
    this.#trees = trees
    return trees
  }
}
