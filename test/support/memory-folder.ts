import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const parent = '/dev/shm'
/** A container may have 64 MB there. */
const spaceMin = 2 * 1024 ** 3

/** Tests of these folders say nothing of disks. Those of whole processes keep the real one. */
const withoutDisk = /^test\/(unit|http|contracts|model|architecture)\//

/** Where the files of tests lie in memory, as environment of who runs them. */
export class MemoryFolder {
  readonly #path: string | null

  /** Nothing where the system has no such folder, or too small a one, or somebody named another. */
  constructor() {
    this.#path = hasSpace() && process.env['TMPDIR'] === undefined ? opened() : null
  }

  /** `TMPDIR` for a test file: an fsync to the disk took half of the time of those that write. */
  environmentOf(file: string): Readonly<Record<string, string>> {
    return this.#path !== null && withoutDisk.test(file) ? { TMPDIR: this.#path } : {}
  }

  close(): void {
    if (this.#path !== null) rmSync(this.#path, { recursive: true, force: true })
  }
}

const hasSpace = (): boolean => {
  try {
    const { bavail, bsize } = statfsSync(parent)
    return bavail * bsize >= spaceMin
  } catch {
    return false
  }
}

const opened = (): string => {
  const path = mkdtempSync(join(parent, 'curfew-tests-'))
  // As /tmp is: some tests look at files as another user.
  chmodSync(path, 0o1777)
  return path
}
