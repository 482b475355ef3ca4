/**
 * Work that many callers ask for and that runs once at a time. `joinRunning` shares the run that is
 * under way. `runAfresh` waits for that run and shares the next one, so that its answer is never
 * older than the question.
 */
export class SingleFlight<T> {
  readonly #work: () => Promise<T>
  #running: Promise<T> | null = null
  #next: Promise<T> | null = null

  constructor(work: () => Promise<T>) {
    this.#work = work
  }

  get isIdle(): boolean {
    return this.#running === null && this.#next === null
  }

  /** A run that may have begun before. */
  joinRunning(): Promise<T> {
    return this.#running ?? this.#next ?? this.#start()
  }

  /** A run that begins at this call or later. */
  runAfresh(): Promise<T> {
    if (this.#next) return this.#next
    if (!this.#running) return this.#start()
    const goOn = (): Promise<T> => {
      this.#next = null
      return this.#start()
    }
    this.#next = this.#running.then(goOn, goOn)
    return this.#next
  }

  #start(): Promise<T> {
    const running = this.#work().finally(() => {
      this.#running = null
    })
    this.#running = running
    return running
  }
}
