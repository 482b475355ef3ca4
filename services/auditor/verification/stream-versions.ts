/** Where something was met, and when it happened, as it says. */
type Occurrence = Readonly<{ index: number; time: string | null }>

/** A version of a stream that must be there, since a later one is. */
export type MissingVersion = Readonly<{
  stream: string
  /** `version:index`. */
  missing: string
  /** What was met without it. */
  occurrence: Occurrence
  /** Nothing before it was met either: the log may have begun later than the stream. */
  isBeginning: boolean
  /** When the first event of the stream happened that was met, as it says. */
  begunAt: string | null
}>

/** The newest version of a stream; `at`: when it happened, as it says, and 0 where it does not. */
export type MetVersion = Readonly<{ version: number; at: number }>

type Stream = {
  readonly begunAt: string | null
  /** When an event of the newest version happened, as it says. */
  newestAt: string | null
  first: number
  newest: number
  /** The greatest index of the newest version. */
  index: number
  missing: Map<string, Occurrence> | null
}

const idPattern = /^(.+):(\d{1,15}):(\d{1,6})$/
/**
 * The most missing versions that are listed for one stream. If there are more, the first stands for
 * them.
 */
const missingMax = 100

/**
 * Whether every stream’s versions are there: an event’s id is `stream:version:index`, a commit has
 * the versions of its stream one after another, and each commit has an event. The log promises no
 * order, so a version may come behind a later one. Memory: some 200 bytes a stream; the streams of
 * single events (`x/`) need none.
 */
export class StreamVersions {
  readonly #streams = new Map<string, Stream>()

  add(id: string, occurrence: Occurrence): void {
    const [, name = '', versionText = '', indexText = ''] = idPattern.exec(id) ?? []
    if (name === '' || (name.startsWith('x/') && versionText === '0' && indexText === '0')) return
    const [version, index] = [Number(versionText), Number(indexText)]
    const known = this.#streams.get(name)
    const begun = { begunAt: occurrence.time, newestAt: null, first: version }
    const stream: Stream = known ?? { ...begun, newest: -1, index: -1, missing: null }
    if (!known) this.#streams.set(name, stream)
    stream.missing?.delete(`${version}:${index}`)
    stream.first = Math.min(stream.first, version)
    if (version > stream.newest) {
      const missingVersions = range(stream.newest + 1, version)
      noteAll(
        stream,
        missingVersions.map((one) => `${one}:0`),
        occurrence,
      )
      stream.newest = version
      stream.newestAt = occurrence.time
      stream.index = -1
    }
    if (version < stream.newest || index <= stream.index) return
    const missingVersions = range(stream.index + 1, index)
    noteAll(
      stream,
      missingVersions.map((one) => `${version}:${one}`),
      occurrence,
    )
    stream.index = index
  }

  /** The newest version of each stream that was met. */
  *newest(): Generator<readonly [stream: string, met: MetVersion]> {
    for (const [name, { newest, newestAt }] of this.#streams) {
      const at = Date.parse(newestAt ?? '')
      yield [name, { version: newest, at: Number.isNaN(at) ? 0 : at }]
    }
  }

  *missing(): Generator<MissingVersion> {
    for (const [stream, { missing, first, begunAt }] of this.#streams) {
      for (const [one, occurrence] of missing ?? []) {
        const isBeginning = Number(one.split(':')[0]) < first
        yield { stream, missing: one, occurrence, isBeginning, begunAt }
      }
    }
  }
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.min(to - from, missingMax) }, (_, at) => from + at)

const noteAll = (stream: Stream, missing: readonly string[], occurrence: Occurrence): void => {
  for (const one of missing) {
    stream.missing ??= new Map()
    if (stream.missing.size < missingMax) stream.missing.set(one, occurrence)
  }
}
