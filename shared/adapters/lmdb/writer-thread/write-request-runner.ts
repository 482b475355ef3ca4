import { AuthError } from '../../../kernel/errors.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import {
  sentError,
  type WriteAnswer,
  type WriteRequest,
  type WriterSays,
} from '../environment/writer-messages.ts'
import type { Calls } from './all-writes.ts'

type Answering = Readonly<{
  env: LmdbEnvironment
  calls: ReadonlyMap<string, Calls>
  say: (message: WriterSays) => void
  /** Something was published: called once for what one transaction wrote. */
  onPublished?: () => void
  /** Everything that was asked for is answered. */
  onIdle?: () => void
}>

const isPublication = ([, name, operation]: WriteRequest): boolean =>
  name === 'joint' || (name === 'log' && operation === 'publish')

const refused = (name: string, operation: string): Promise<never> =>
  Promise.reject(new AuthError('INTERNAL', `no write operation ${name}.${operation}`))

/** Runs requests of one asker, and tells their answers, those of a transaction in one message. */
export class WriteRequestRunner {
  readonly #parts: Answering
  #answers: WriteAnswer[] = []
  #open = 0
  #hasPublished = false
  #whenDone: () => void = () => {}

  constructor(parts: Answering) {
    this.#parts = parts
  }

  write(request: WriteRequest): void {
    const [id, name, operation, given] = request
    const call = this.#parts.calls.get(name)?.[operation]
    const written = call ? call(...(given as never[])) : refused(name, operation)
    this.#open += 1
    written.then(
      (value) => {
        if (isPublication(request)) this.#hasPublished = true
        this.#answer(id, value, null)
      },
      (error: unknown) => this.#answer(id, undefined, sentError(error)),
    )
  }

  /** Resolves when nothing that was asked for is without an answer; for one who waits. */
  async answered(): Promise<void> {
    if (this.#open === 0) return
    await new Promise<void>((resolve) => {
      this.#whenDone = resolve
    })
  }

  #answer(...one: WriteAnswer): void {
    // Whatever one transaction settles is settled before this microtask.
    if (this.#answers.length === 0) queueMicrotask(() => this.#tell())
    this.#answers.push(one)
  }

  #tell(): void {
    const answers = this.#answers
    this.#answers = []
    this.#open -= answers.length
    // Before the answers: who hears them asks at once whether there is room for more.
    if (this.#open === 0) this.#parts.onIdle?.()
    this.#parts.say({ kind: 'answers', answers, state: this.#parts.env.writerState() })
    if (this.#hasPublished) this.#parts.onPublished?.()
    this.#hasPublished = false
    if (this.#open === 0) this.#whenDone()
  }
}
