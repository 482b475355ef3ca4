import type { TrailFiles } from '../../../services/auditor/files/index.ts'

/** How a machine ends: only the process, or its memory of the disk as well. */
export type Ending = 'killed' | 'power_cut'

export class Crash extends Error {}

type Disk = ReadonlyMap<string, Buffer>

/**
 * Files in memory that end after so many steps, as a process does: what comes later throws. What
 * `survives` is what the next process finds.
 */
export class CrashingFiles implements TrailFiles {
  readonly #now: Map<string, Buffer>
  #durable: Map<string, Buffer>
  #stepsLeft: number
  steps = 0

  constructor(disk: Disk = new Map(), stepsLeft = Number.POSITIVE_INFINITY) {
    this.#now = new Map(disk)
    this.#durable = new Map(disk)
    this.#stepsLeft = stepsLeft
  }

  survives(ending: Ending): Disk {
    return ending === 'killed' ? this.#now : this.#durable
  }

  /** All files, to be changed by a test as an attacker would. */
  get disk(): Map<string, Buffer> {
    return this.#now
  }

  read(path: string): Buffer | null {
    return this.#now.get(path) ?? null
  }

  names(folder: string): readonly string[] {
    const prefix = folder === '.' ? '' : `${folder}/`
    const below = [...this.#now.keys()].filter((path) => path.startsWith(prefix))
    return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0] ?? ''))]
  }

  write(path: string, bytes: Uint8Array): void {
    // Half of it is there when it ends here.
    this.#step(() => this.#now.set(path, Buffer.from(bytes.subarray(0, bytes.length >> 1))))
    this.#now.set(path, Buffer.from(bytes))
  }

  replace(path: string, bytes: Uint8Array): void {
    this.#step()
    this.#now.set(path, Buffer.from(bytes))
  }

  append(path: string, bytes: Uint8Array): void {
    const before = this.#now.get(path) ?? Buffer.alloc(0)
    const half = Buffer.from(bytes.subarray(0, bytes.length >> 1))
    this.#step(() => this.#now.set(path, Buffer.concat([before, half])))
    this.#now.set(path, Buffer.concat([before, bytes]))
  }

  sync(): void {
    this.#step()
    this.#durable = new Map(this.#now)
  }

  remove(path: string): void {
    this.#step()
    for (const one of [...this.#now.keys()]) {
      if (one === path || one.startsWith(`${path}/`)) this.#now.delete(one)
    }
  }

  forget(path: string): void {
    this.remove(path)
  }

  #step(torn: () => void = () => {}): void {
    this.steps += 1
    if (this.#stepsLeft > 0) {
      this.#stepsLeft -= 1
      return
    }
    torn()
    throw new Crash('the process ended')
  }
}
