import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { makeFolder } from '../../../shared/kernel/process/make-folder.ts'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'

/**
 * The files of a trail, by paths below its folder. Whoever writes them runs in a thread of its own
 * and waits for the disk: Node’s own threads, which a gateway hashes passwords with, stay free.
 */
export interface TrailFiles {
  read(path: string): Buffer | null
  /** Names in a folder; none when there is no such folder. */
  names(folder: string): readonly string[]
  /**
   * Durable once `sync` returned. Not for a file that a checkpoint vouches for: a crash may leave
   * half of it.
   */
  write(path: string, bytes: Uint8Array): void
  /** In place of the file that was there, at once and whole; durable once `sync` returned. */
  replace(path: string, bytes: Uint8Array): void
  /** Adds to the end, not durably: for what can be made again. */
  append(path: string, bytes: Uint8Array): void
  /** Makes the names of all that was written since durable. */
  sync(): void
  /** Without waiting for the disk: for what does no harm when it is there again. */
  remove(path: string): void
  /** A file, so that it does not come back; durable once `sync` returned. */
  forget(path: string): void
}

const modes = {
  own: { file: 0o600, folder: 0o700 },
  group: { file: 0o640, folder: 0o750 },
} as const

/** A file, or the names in a folder. */
const syncAt = (path: string): void => {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

class FolderFiles implements TrailFiles {
  readonly #root: string
  readonly #mode: (typeof modes)[keyof typeof modes]
  readonly #known = new Set<string>()
  /** Files, and folders in which names are new. */
  readonly #written = new Set<string>()
  readonly #changed = new Set<string>()

  constructor(root: string, readers: keyof typeof modes) {
    this.#root = root
    this.#mode = modes[readers]
  }

  read(path: string): Buffer | null {
    try {
      return readFileSync(join(this.#root, path))
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null
      throw error
    }
  }

  names(folder: string): readonly string[] {
    try {
      return readdirSync(join(this.#root, folder))
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return []
      throw error
    }
  }

  write(path: string, bytes: Uint8Array): void {
    const full = this.#inFolder(path)
    writeFileSync(full, bytes, { mode: this.#mode.file })
    this.#written.add(full)
    this.#changed.add(dirname(full))
  }

  replace(path: string, bytes: Uint8Array): void {
    const full = this.#inFolder(path)
    const beside = `${full}.new`
    writeFileSync(beside, bytes, { mode: this.#mode.file })
    syncAt(beside)
    renameSync(beside, full)
    this.#changed.add(dirname(full))
  }

  append(path: string, bytes: Uint8Array): void {
    writeFileSync(this.#inFolder(path), bytes, { flag: 'a', mode: this.#mode.file })
  }

  /** All files at once: the first sync of a file system takes most of the others along. */
  sync(): void {
    for (const paths of [this.#written, this.#changed]) {
      for (const path of paths) {
        syncAt(path)
        paths.delete(path)
      }
    }
  }

  remove(path: string): void {
    const full = join(this.#root, path)
    rmSync(full, { recursive: true, force: true })
    this.#known.delete(full)
    for (const paths of [this.#written, this.#changed]) {
      for (const one of paths) {
        if (one === full || one.startsWith(`${full}/`)) paths.delete(one)
      }
    }
  }

  forget(path: string): void {
    const full = join(this.#root, path)
    if (!existsSync(full)) return
    this.remove(path)
    this.#changed.add(dirname(full))
  }

  /** Folders on the way are made, and their names made durable with the next `sync`. */
  #inFolder(path: string): string {
    const full = join(this.#root, path)
    this.#make(dirname(full))
    return full
  }

  #make(folder: string): void {
    if (this.#known.has(folder)) return
    if (!existsSync(folder)) {
      const above = dirname(folder)
      if (folder !== this.#root) this.#make(above)
      makeFolder(folder, this.#mode.folder)
      if (existsSync(above)) this.#changed.add(above)
    }
    this.#known.add(folder)
  }
}

/** Who may read the trail’s files. */
export type TrailReaders = keyof typeof modes

export const folderMode = (readers: TrailReaders): number => modes[readers].folder

export const readersOf = (groupAccess: GroupAccess): TrailReaders =>
  groupAccess === 'none' ? 'own' : 'group'

/** The files below `root`, which is made when something is written. */
export const openTrailFiles = (root: string, readers: TrailReaders = 'own'): TrailFiles =>
  new FolderFiles(root, readers)
