import type { MacRing } from '../../../shared/events/record-mac.ts'
import { encodeImageChunk, type ImageHeader } from '../../../shared/guard/feed-protocol/index.ts'
import type { ImagePart, LiveRevocations } from './live-revocations.ts'

export type ImageRequest = Readonly<{
  /** 32 hex digits, of the reader's choosing. */
  name: string
  ring: MacRing
}>

/** Where in which log the image stands. */
export type ImagePlace = Pick<ImageHeader, 'logId' | 'offset'>

const nothing: ImagePart = { of: 'json', body: Buffer.from('[]') }

/** The image of `live`, chunk by chunk: at least one, and the last one says how many. */
export function* imageChunks(
  live: LiveRevocations,
  { name, ring }: ImageRequest,
  place: ImagePlace,
): Generator<Buffer> {
  const entries = live.size
  const encode = ({ of, body }: ImagePart, index: number, total: number): Buffer =>
    encodeImageChunk(ring, { header: { ...place, image: name, index, total, entries, of }, body })
  let index = 0
  let held: ImagePart | null = null
  for (const part of live.parts()) {
    if (held) {
      yield encode(held, index, 0)
      index += 1
    }
    held = part
  }
  yield encode(held ?? nothing, index, index + 1)
}
