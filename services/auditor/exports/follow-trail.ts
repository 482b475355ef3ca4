import type { Clock } from '../../../shared/kernel/clock.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import type { ExportedLeaf } from '../export-formats/index.ts'
import type { TrailFiles } from '../files/index.ts'
import { leavesOf, signedLogs } from './exported-log.ts'
import type { Position } from './position-file.ts'

export type FollowOptions = Readonly<{
  files: TrailFiles
  /** Asked at each look: a trail’s key may rotate while it is followed. */
  known: () => readonly NoteVerifier[]
  /** Where to begin; logs that it does not name, at their beginning. */
  from: Position
  stop: AbortSignal
  clock: Clock
}>

/** Heads are signed once a second. */
const lookEveryMs = 500

/** Where the trail ends now. */
export const endOf = (files: TrailFiles, known: readonly NoteVerifier[]): Position =>
  new Map(
    signedLogs(files, known).map(({ life, partition, checkpoint }) => [
      `${life}/${partition}`,
      checkpoint.size,
    ]),
  )

/**
 * Every leaf from there on, as soon as it is signed, until `stop`: of lives and partitions that
 * begin meanwhile too. Each log’s leaves come in order, and `null` whenever there are no more for
 * now. It looks at the signatures, not at the tree: that is what `curfew audit verify` is for.
 * @throws AuthError TRAIL_PRUNED when what comes next was let go of
 */
export async function* followTrail(options: FollowOptions): AsyncGenerator<ExportedLeaf | null> {
  const { files, known, from, stop, clock } = options
  const next = new Map(from)
  while (!stop.aborted) {
    for (const log of signedLogs(files, known())) {
      const name = `${log.life}/${log.partition}`
      for (const leaf of leavesOf(files, log, next.get(name) ?? log.begin.size)) {
        yield leaf
        next.set(name, leaf.index + 1)
        if (stop.aborted) return
      }
    }
    yield null
    await clock.sleep(lookEveryMs, stop)
  }
}
