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

/** A process grows with what its files have loaded. */
const sharedMax = 25

/** Runs files one after another; those that may share a process do, while nobody spoils it. */
export class Lane {
  #shared: Readonly<{ process: TestProcess; node: NodeBinary }> | null = null

  async run({ path, node, env, limitMs, isApart }: LaneFile): Promise<FileRun> {
    if (isApart) return new TestProcess({ env, node }).run(path, { limitMs, isLast: true })
    return this.#open(node).run(path, { limitMs, isLast: false })
  }

  close(): void {
    if (this.#shared?.process.isOpen) this.#shared.process.close()
    this.#shared = null
  }

  #open(node: NodeBinary): TestProcess {
    const { process, node: of } = this.#shared ?? {}
    if (process?.isOpen && of === node && process.ran.length < sharedMax) return process
    this.close()
    this.#shared = { process: new TestProcess({ env: {}, node }), node }
    return this.#shared.process
  }
}
