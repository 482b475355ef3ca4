import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { aRing } from '../../support/fakes/builders.ts'
import type { prunableLog } from '../../support/fakes/prunable-log.ts'
import { digestOf } from './digest.ts'

const ring = aRing()
const revocations = { topic: 'auth.revocations', partition: 0 } as const
const read = new Map<string, RevocationItem>()

/** A log, and what its records say to the guards' own reader. */
export class RecordedLog {
  readonly log: EventLog
  readonly items: RevocationItem[] = []
  readonly #prune: (start: number) => void
  start = 0
  /** Of all items. */
  text = ''

  constructor({ log, prune }: ReturnType<typeof prunableLog>) {
    this.#prune = prune
    this.log = {
      ...log,
      publish: async (records) => {
        const offsets = await log.publish(records)
        const isTold = records.map(({ topic }) => topic === revocations.topic)
        for (const offset of offsets.filter((_, index) => isTold[index])) await this.#take(offset)
        return offsets
      },
    }
  }

  get end(): number {
    return this.items.length
  }

  /** Somebody deletes what lies below. */
  prune(start: number): void {
    this.start = start
    this.#prune(start)
  }

  async #take(offset: number): Promise<void> {
    const raw = await this.log.recordAt(revocations, offset)
    if (!raw) throw new Error(`no record at ${offset}`)
    const text = `${offset} ${raw.value?.toString()} ${raw.headers['ce_id']}`
    const item = read.get(text) ?? readRevocationRecord(ring, raw)
    read.set(text, item)
    this.items.push(item)
    this.text += `,${digestOf(text)}`
  }
}
