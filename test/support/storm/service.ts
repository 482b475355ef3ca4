import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Process } from '../processes/processes.ts'
import type { FakedClock } from './faked-clock.ts'
import type { ServiceName } from './plan.ts'

type Plan = Readonly<{
  name: ServiceName
  url: string
  clock: FakedClock
  start: () => Process
  /** Told of an end that nobody asked for. */
  onEnd: (said: string) => void
}>

const again = 500
/** Its beginning, and its end, where the message stands. */
const short = (line: string): string =>
  line.length <= 400 ? line : `${line.slice(0, 300)} … ${line.slice(-100)}`
const isSaid = (line: string): boolean => /"level":(40|50|60)|Error|error/.test(line)

/** A process under a supervisor, as platforms have one: what ends is started again. */
export class Service {
  readonly name: ServiceName
  readonly url: string
  readonly clock: FakedClock
  readonly #plan: Plan
  #process: Process | null = null
  #isClosed = false

  constructor(plan: Plan) {
    this.#plan = plan
    this.name = plan.name
    this.url = plan.url
    this.clock = plan.clock
  }

  /** Starts it and does not wait until it is ready. */
  up(): void {
    if (this.#isClosed || this.#process !== null) return
    const started = this.#plan.start()
    this.#process = started
    void started.ended.then(async ({ code, signal }) => {
      if (this.#process !== started) return
      this.#process = null
      const lines = started.output().split('\n').filter(isSaid)
      this.#plan.onEnd(`${this.name} ended: ${code ?? signal}: ${lines.at(-1)?.slice(0, 300)}`)
      await systemClock.sleep(again)
      this.up()
    })
  }

  /** SIGTERM, and its exit status; 0 when it did not run. @throws Error when it does not end. */
  async stop(): Promise<number | null> {
    const ending = this.#process
    if (!ending) return 0
    this.#process = null
    const { code } = await ending.stop()
    return code
  }

  async kill(): Promise<void> {
    const ending = this.#process
    this.#process = null
    await ending?.kill9()
  }

  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.kill()
  }

  /** What `/readyz` says; `null` when nobody answers. */
  async readiness(): Promise<Readonly<{ ready: boolean; said: string }> | null> {
    return fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      async (answer) => ({ ready: answer.ok, said: await answer.text() }),
      () => null,
    )
  }

  /** Its last lines, for a report. */
  said(): string {
    return this.#process?.output().split('\n').filter(isSaid).slice(-12).map(short).join('\n') ?? ''
  }
}
