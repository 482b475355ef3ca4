import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import type { SeenEvent } from './seen-event.ts'

type Stream = { newest: number; index: number; missing: Map<string, number> | null }

/**
 * The most missing versions that are listed for one stream. If there are more, the first stands for
 * them.
 */
const missingMax = 16

/**
 * Versions and indexes that later ones of their stream went past. The log promises no order, so one
 * may come behind: it is missing when it did not come for `patienceMs`. A stream begins where it is
 * met first. Bounded: those that were quiet longest are forgotten.
 */
export class StreamGaps {
  readonly #streams = new Map<string, Stream>()
  readonly #gaps = new Set<string>()
  readonly #streamsMax: number
  readonly #patienceMs: number

  constructor(streamsMax: number, patienceMs: number) {
    this.#streamsMax = streamsMax
    this.#patienceMs = patienceMs
  }

  observe({ stream, version, index }: SeenEvent, nowMs: number): void {
    // Most streams of single events have this id alone.
    if (stream.startsWith('x/') && version === 0 && index === 0) return
    const known = this.#streams.get(stream) ?? { newest: version, index, missing: null }
    // Gaps of a stream that is forgotten go with the next look at what is due.
    setInBoundedMap(this.#streams, stream, known, this.#streamsMax)
    this.#note(stream, known, version, index, nowMs)
  }

  /** The ids that are missing for too long by now; each once. */
  due(nowMs: number): readonly Readonly<{ stream: string; id: string }>[] {
    const found: { stream: string; id: string }[] = []
    for (const stream of this.#gaps) {
      const { missing } = this.#streams.get(stream) ?? { missing: null }
      for (const [place, sinceMs] of missing ?? []) {
        if (nowMs - sinceMs < this.#patienceMs) continue
        missing?.delete(place)
        found.push({ stream, id: `${stream}:${place}` })
      }
      if (missing === null || missing.size === 0) this.#gaps.delete(stream)
    }
    return found
  }

  #note(name: string, stream: Stream, version: number, index: number, nowMs: number): void {
    stream.missing?.delete(`${version}:${index}`)
    const lacking: string[] = []
    if (version > stream.newest) {
      const from = Math.max(stream.newest + 1, version - missingMax)
      for (let one = from; one < version; one += 1) lacking.push(`${one}:0`)
      stream.newest = version
      stream.index = -1
    }
    if (version === stream.newest && index > stream.index) {
      const from = Math.max(stream.index + 1, index - missingMax)
      for (let one = from; one < index; one += 1) lacking.push(`${version}:${one}`)
      stream.index = index
    }
    for (const place of lacking) {
      stream.missing ??= new Map()
      if (stream.missing.size < missingMax) stream.missing.set(place, nowMs)
      this.#gaps.add(name)
    }
  }
}
