import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { KnownHead, TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { leafHash } from '../../../shared/tlog/merkle-hash.ts'
import { isConsistent, isIncluded } from '../../../shared/tlog/merkle-proof.ts'
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
  witnessedFile,
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

/** Changed files are another trouble than a changed past: nobody is shown their proof. */
const demand = (isProven: boolean, { folder }: SignedHead): void => {
  if (isProven) return
  throw new AuthError('TRAIL_INVALID', `${folder}: its tiles do not lead to its signed root`)
}

/** What was asked about is proven as far as it can be: a head that is shorter proves nothing. */
const asked = async (head: SignedHead, known: KnownHead | null): Promise<LifeHead> => {
  const { bytes, checkpoint, proofFrom, rootAt } = head
  const shown = { head: text(bytes), first: null }
  if (known?.origin !== checkpoint.origin || known.size > checkpoint.size) {
    return { ...shown, proof: [] }
  }
  const { size } = known
  const proof = await proofFrom(size)
  demand(isConsistent({ size, root: await rootAt(size) }, checkpoint, proof), head)
  return { ...shown, proof }
}

/** The cosigned head of the newest life; witnesses are asked about no other life. */
const witnessedIn = (files: TrailFiles, { folder }: SignedHead): string | null =>
  files.read(join(folder, witnessedFile))?.toString('utf8') ?? null

const next = async (head: SignedHead): Promise<LifeHead> => {
  const { bytes, checkpoint, first } = head
  const { entry, proof } = await first()
  demand(isIncluded({ ...checkpoint, leaf: leafHash(entry), index: 0, proof }), head)
  return { head: text(bytes), first: text(entry), proof }
}

/**
 * Reads the heads in files that an auditor signs, in this process or another one.
 * `durable` resolves when a log’s folder outlives a power cut: a head that was shown must not be
 * gone afterwards.
 */
export const headsIn = (
  files: TrailFiles,
  durable: (folder: string) => Promise<void> = async () => {},
): TrailHeads => {
  let shownAs = ''
  const settled = async ({ folder, bytes }: SignedHead): Promise<void> => {
    const newest = text(bytes)
    if (newest === shownAs) return
    await durable(folder)
    shownAs = newest
  }
  return {
    newest: async (known) => {
      const heads = shownHeads(files, known)
      const [head, ...later] = heads
      if (!head) return null
      const newest = later.at(-1) ?? head
      await settled(newest)
      const lives = [await asked(head, known), ...(await Promise.all(later.map(next)))]
      const keys = files.read(verifierKeysFile)?.toString('utf8').split('\n').slice(0, -1) ?? []
      const witnessed = witnessedIn(files, newest)
      return encodeHeads({ lives, keys: keys.slice(0, keysMax), witnessed })
    },
  }
}

/** Opens the heads of the trail in the folder `dir`. */
export const openTrailHeads = (dir: string): TrailHeads =>
  headsIn(openTrailFiles(dir), async (folder) => {
    const opened = await open(join(dir, folder), 'r')
    try {
      await opened.sync()
    } finally {
      await opened.close()
    }
  })
