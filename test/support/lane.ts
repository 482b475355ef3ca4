import type { MemoryFolder } from './memory-folder.ts'
import type { NodeBinary } from './servers/other-nodes.ts'
import { type FileRun, TestProcess } from './test-process.ts'

export type LaneFile = Readonly<{
  path: string
  node: NodeBinary
  env: Readonly<Record<string, string>>
  limitMs: number
  /** Whether it has a process to itself. */
  isApart: boolean
}>

/**
 * A process grows with what its files have loaded: to 570 MB with 70 files, and to 490 with 25. A
 * new one loads for a second what its predecessor had.
 */
const sharedMax = 80

/** Runs files one after another; those that may share a process do, while nobody spoils it. */
export class Lane {
  readonly #memory: MemoryFolder
  #shared: Readonly<{ process: TestProcess; node: NodeBinary }> | null = null

  constructor(memory: MemoryFolder) {
    this.#memory = memory
  }

  async run({ path, node, env: given, limitMs, isApart }: LaneFile): Promise<FileRun> {
    const env = { ...this.#memory.environmentOf(path), ...given }
    if (isApart) return new TestProcess({ env, node }).run(path, { limitMs, isLast: true })
    return (await this.#open(node, env)).run(path, { limitMs, isLast: false })
  }

  async close(): Promise<void> {
    const shared = this.#shared
    this.#shared = null
    if (shared?.process.isOpen) await shared.process.close()
  }

  /** `env`: of the first of its files. Those that share a process start nothing that reads it. */
  async #open(node: NodeBinary, env: LaneFile['env']): Promise<TestProcess> {
    const { process, node: of } = this.#shared ?? {}
    if (process?.isOpen && of === node && process.ran.length < sharedMax) return process
    await this.close()
    const opened = new TestProcess({ env, node })
    this.#shared = { process: opened, node }
    return opened
  }
}
