import type { MacRing } from '../../events/record-mac.ts'
import type { RevocationItem } from '../../events/revocation-record.ts'
import type { FeedSink } from '../../ports/revocation-feed.ts'
import { decodeImageChunk, decodeTuples, ImageSequence } from '../feed-protocol/index.ts'

type ClosedItem = Extract<RevocationItem, { kind: 'closed' }>

/** One image, as its chunks come: told to a sink, each only if it is the one that must come now. */
export class ImageLoader {
  readonly #ring: MacRing
  readonly #name: string
  readonly #sequence = new ImageSequence()

  /** @param name what the reader called the image that it asked for */
  constructor(ring: MacRing, name: string) {
    this.#ring = ring
    this.#name = name
  }

  /** Whether a chunk came, and more must come. */
  get isUnfinished(): boolean {
    return this.#sequence.first !== null && !this.#sequence.isWhole
  }

  /** Whether it was told to `sink`. */
  tell(chunk: string, sink: FeedSink | undefined): boolean {
    const decoded = decodeImageChunk(this.#ring, Buffer.from(chunk, 'base64'))
    if (!decoded) return false
    const { header, body } = decoded
    if (header.image !== this.#name || !this.#sequence.takes(header)) return false
    const { of, entries } = header
    if (of === 'json') {
      const items = decodeTuples(body.toString())
      if (items) sink?.onItems(items.map((item) => ({ ...item, offset: -1 })))
      return items !== null
    }
    const rows = new DataView(body.buffer, body.byteOffset, body.byteLength)
    sink?.onRows?.({ of, rows, entries })
    return true
  }

  /** Whether an image came that is not of the place in the log whose closed time follows it. */
  isForeignTo({ closed, offset }: ClosedItem): boolean {
    const { first } = this.#sequence
    return first !== null && (first.logId !== closed.logId || first.offset < offset)
  }
}
