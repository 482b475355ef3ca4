import { spawn } from 'node:child_process'
import { type Memory, memoryOf } from './curfew-process.ts'
import { sharedNowMs } from './shared-clock.ts'

const script = 'process.stdout.write("up"); setInterval(() => {}, 1_000_000)'

/** Node alone: how long until its first line of JavaScript has said something, and its memory. */
export const startBareNode = async (): Promise<Readonly<{ seconds: number; memory: Memory }>> => {
  const startedMs = sharedNowMs()
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.stdout.once('data', () => resolve())
  })
  const seconds = (sharedNowMs() - startedMs) / 1_000
  const memory = memoryOf(child.pid ?? 0)
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await exited
  return { seconds, memory }
}
