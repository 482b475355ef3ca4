/**
 * Work that many ask for and that runs once at a time. Who needs an answer that is not older than
 * the question gets the first run that begins after it; the others take what is under way.
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
