import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'

const [reserveBytesMin, reserveBytesMax] = [64 * 1_024, 1_024 * 1_024]
const zeros = Buffer.alloc(reserveBytesMax)

type Stats = Readonly<{ pageSize: number; lastPageNumber: number }>

/** By the size of the file: a small one is not made many times as large. */
const reserveFor = (size: number): number =>
  Math.min(reserveBytesMax, Math.max(reserveBytesMin, Math.floor(size / 16)))

const extend = (file: number, from: number, to: number): void => {
  for (let at = from; at < to; ) {
    at += writeSync(file, zeros, 0, Math.min(zeros.length, to - at), at)
  }
}

/**
 * Keeps some space behind the last page of the file, zeros that are on the disk already. Where the
 * disk is full, that shows here. When liblmdb itself comes short of space, lmdb-js 3.5.6 writes its
 * message past the end of its memory, and the process may die of it.
 */
export class FileReserve {
  readonly #root: RootDatabase
  readonly #path: string
  #file: number | undefined

  constructor(root: RootDatabase, path: string) {
    this.#root = root
    this.#path = join(path, 'data.mdb')
  }

  /**
   * Within a write transaction that has written nothing yet: nobody else then writes pages behind
   * the last one. @throws an error with the number of what the system refused.
   */
  keep(): void {
    const { pageSize, lastPageNumber } = this.#root.getStats() as Stats
    const used = (lastPageNumber + 1) * pageSize
    const file = this.#file ?? openSync(this.#path, 'r+')
    this.#file = file
    const { size } = fstatSync(file)
    const reserve = reserveFor(used)
    if (size - used >= reserve / 2) return
    try {
      extend(file, size, used + reserve)
    } catch (error) {
      const { errno = 0 } = error as NodeJS.ErrnoException
      if (fstatSync(file).size - used >= reserveBytesMin / 2) return
      throw Object.assign(new Error('no space is left for LMDB', { cause: error }), {
        code: Math.abs(errno),
      })
    }
  }

  close(): void {
    // Locks of LMDB lie on the other file, so closing this one drops none.
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}
