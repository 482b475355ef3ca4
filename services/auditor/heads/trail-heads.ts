import type { KnownHead, TrailHeads } from '../../../shared/ports/trail-heads.ts'
import {
  encodeHeads,
  keysMax,
  type LifeHead,
  livesMax,
} from '../../../shared/trail-heads/head-answer.ts'
import {
  livesOf,
  openTrailFiles,
  type SignedHead,
  signedHeadOf,
  type TrailFiles,
  verifierKeysFile,
} from '../files/index.ts'

/** The heads that an answer shows: from the life of `known` on, else the newest alone. */
const shownHeads = (files: TrailFiles, known: KnownHead | null): readonly SignedHead[] => {
  const heads: SignedHead[] = []
  for (const life of [...livesOf(files)].reverse()) {
    const head = signedHeadOf(files, life)
    // A life whose heads are gone has nothing to show; nobody goes on over it.
    if (head === null) break
    heads.unshift(head)
    if (known === null) return heads
    if (head.checkpoint.origin === known.origin) return heads.slice(0, livesMax)
  }
  return heads.slice(-1)
}

const text = (note: Buffer): string => note.toString('utf8')

/** What was asked about is proven as far as it can be: a head that is shorter proves nothing. */
const asked = async (head: SignedHead, known: KnownHead | null): Promise<LifeHead> => {
  const { bytes, checkpoint, proofFrom } = head
  const isSame = known?.origin === checkpoint.origin && known.size <= checkpoint.size
  return { head: text(bytes), first: null, proof: isSame ? await proofFrom(known.size) : [] }
}

const next = async ({ bytes, first }: SignedHead): Promise<LifeHead> => {
  const { entry, proof } = await first()
  return { head: text(bytes), first: text(entry), proof }
}

/** Of the files that an auditor signs, in this process or another one. They are only read. */
export const headsIn = (files: TrailFiles): TrailHeads => ({
  newest: async (known) => {
    const [head, ...later] = shownHeads(files, known)
    if (!head) return null
    const lives = [await asked(head, known), ...(await Promise.all(later.map(next)))]
    const keys = files.read(verifierKeysFile)?.toString('utf8').split('\n').slice(0, -1) ?? []
    return encodeHeads({ lives, keys: keys.slice(0, keysMax) })
  },
})

/** Of the trail in the folder `dir`. */
export const openTrailHeads = (dir: string): TrailHeads => headsIn(openTrailFiles(dir))
