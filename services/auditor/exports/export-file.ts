import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'

export type Written = Readonly<{ bytes: number; sha256: string }>

const chunkBytes = 1_024 * 1_024

export const partPath = (out: string): string => `${out}.part`

const openedPart = (path: string): number => {
  try {
    const file = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW)
    fchmodSync(file, 0o600)
    return file
  } catch (cause) {
    if (errorCode(cause) !== 'ELOOP') throw cause
    throw new AuthError('INPUT_INVALID', `${path} is a link: remove it, and begin`, { cause })
  }
}

/** What an export writes until it is whole: `<out>.part`. */
export class ExportFile {
  readonly #out: string
  readonly #file: number
  readonly #hash = createHash('sha256')
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #bytes = 0

  private constructor(out: string, file: number) {
    this.#out = out
    this.#file = file
  }

  /** A new one, for its owner alone; what lies there, a link too, is removed and not followed. */
  static begun(out: string): ExportFile {
    rmSync(partPath(out), { force: true })
    return new ExportFile(out, openSync(partPath(out), 'wx', 0o600))
  }

  /**
   * What was written up to there; what lies behind it is cut off.
   * @throws AuthError INPUT_INVALID when the file has other bytes by now, or is a link
   */
  static resumed(out: string, written: Written): ExportFile {
    const file = new ExportFile(out, openedPart(partPath(out)))
    file.#readUpTo(written.bytes)
    if (file.#bytes !== written.bytes || file.written().sha256 !== written.sha256) {
      file.close()
      const path = partPath(out)
      throw new AuthError('INPUT_INVALID', `${path} is not as it was left: remove it, and begin`)
    }
    ftruncateSync(file.#file, written.bytes)
    return file
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= chunkBytes) this.#flush()
  }

  /** Counts everything that `write` was given. */
  written(): Written {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') }
  }

  /** All of it survives a crash from now on. */
  sync(): void {
    this.#flush()
    fsyncSync(this.#file)
  }

  close(): void {
    closeSync(this.#file)
  }

  /** It gets its name; `sync` and `close` come before. */
  publish(): void {
    renameSync(partPath(this.#out), this.#out)
  }

  #readUpTo(size: number): void {
    const chunk = Buffer.alloc(chunkBytes)
    while (this.#bytes < size) {
      const wanted = Math.min(chunk.length, size - this.#bytes)
      const count = readSync(this.#file, chunk, 0, wanted, this.#bytes)
      if (count === 0) return
      this.#hash.update(chunk.subarray(0, count))
      this.#bytes += count
    }
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting)
    const from = this.#bytes - this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.#file, bytes, at, bytes.length - at, from + at)
    }
  }
}
