import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Settings } from '../processes/processes.ts'

/** Where Debian's package `faketime` puts it. */
const folders = ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime']
const libraries = folders.map((folder) => join(folder, 'libfaketimeMT.so.1'))

export const clockLibrary = (): string | null => libraries.find((path) => existsSync(path)) ?? null

/** A process whose wall clock is always wrong by this much. Without the library: by nothing. */
export const shiftedBy = (seconds: number): Settings => {
  const library = clockLibrary()
  if (library === null) return {}
  return {
    LD_PRELOAD: library,
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
}

/** How often the library looks into its file, in seconds: its least. */
const lookS = 1

/** The wall clock of one process, which jumps while it runs. Its monotonic clock goes on. */
export class FakedClock {
  readonly #file: string
  readonly #library: string | null
  #wrongUntil = 0

  private constructor(file: string, library: string | null) {
    this.#file = file
    this.#library = library
  }

  static async open(dir: string, name: string, library: string | null): Promise<FakedClock> {
    await mkdir(dir, { recursive: true })
    const clock = new FakedClock(join(dir, name), library)
    await writeFile(clock.#file, '+0\n')
    return clock
  }

  get env(): Settings {
    if (this.#library === null) return {}
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: String(lookS),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    }
  }

  async jump(seconds: number): Promise<void> {
    this.#wrongUntil = Number.POSITIVE_INFINITY
    await writeFile(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  }

  async right(): Promise<void> {
    await writeFile(this.#file, '+0\n')
    this.#wrongUntil = systemClock.monotonicMs() + 2 * lookS * 1_000
  }

  /** Whether the process may still see another time, or saw it at `atMs`. */
  wasWrongAt(atMs: number): boolean {
    return atMs < this.#wrongUntil
  }
}
