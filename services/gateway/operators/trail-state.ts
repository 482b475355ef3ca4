import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { splitCosignature } from '../../../shared/tlog/cosigned-text.ts'
import { parseNote } from '../../../shared/tlog/signed-note.ts'
import { parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import type { AttachedGuard } from '../guards/index.ts'

type Head = Readonly<{ origin: string; size: number; root: string }>

/** The newest signed head of the trail, and who holds it true. */
export type TrailState = Readonly<{
  /** `unsigned`: there is no head (yet); `unreachable`: its auditor does not answer. */
  state: 'signed' | 'unsigned' | 'unreachable'
  head: Head | null
  /** Who cosigned the head, as it says itself: nobody here has the keys of witnesses. */
  cosigned: readonly Readonly<{ name: string; at: number }>[]
  /** Attached guards that hold true what they saw of it, and those that dispute it. */
  guards: Readonly<{ consistent: number; disputing: number }>
}>

type Read = Omit<TrailState, 'guards'>
const without = (state: 'unsigned' | 'unreachable'): Read => ({ state, head: null, cosigned: [] })

const readHead = (note: string): Read => {
  const { text, signatures } = parseNote(Buffer.from(note))
  const { origin, size, root } = parseCheckpointText(text, 'passed_over')
  const cosigned = signatures.flatMap(({ name, signature }) => {
    const { timestamp } = splitCosignature(signature)
    return timestamp === null ? [] : [{ name, at: Number(timestamp) * 1_000 }]
  })
  return { state: 'signed', head: { origin, size, root: root.toString('base64') }, cosigned }
}

const newest = async (heads: TrailHeads): Promise<Read> => {
  try {
    const text = await heads.newest(null)
    const note = text === null ? null : parseHeads(text)?.lives.at(-1)?.head
    return note ? readHead(note) : without('unsigned')
  } catch (error) {
    if (isAuthError(error)) return without('unreachable')
    throw error
  }
}

/** `null` where this gateway knows of no trail. Verifies nothing: guards and witnesses do. */
export const trailState = async (
  heads: TrailHeads | null,
  guards: readonly AttachedGuard[],
): Promise<TrailState | null> => {
  if (heads === null) return null
  const seen = guards.flatMap(({ trail }) => (trail ? [trail.state] : []))
  const consistent = seen.filter((state) => state === 'consistent').length
  const silent = seen.filter((state) => state === 'unreachable').length
  const disputing = seen.length - consistent - silent
  return { ...(await newest(heads)), guards: { consistent, disputing } }
}
