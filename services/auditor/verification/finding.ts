/** Something that is not as it was signed, or not as it must be; with its place. */
export type Finding = Readonly<{
  /** The folder of the log, or of the life. */
  log: string
  /** The file, below that folder; `null` where no single one is at fault. */
  path: string | null
  /**
   * The index of the leaf, which is the offset of its record; `null` where no single leaf is at
   * fault.
   */
  index: number | null
  problem: string
}>

export const findingText = ({ log, path, index, problem }: Finding): string => {
  const file = path === null ? log : `${log}/${path}`
  return index === null ? `${file} ${problem}` : `${file}: leaf ${index} ${problem}`
}

const keptMax = 1_000

/** The first of many: a log that lost its beginning would else have a finding for each leaf. */
export class Findings {
  readonly #log: string
  readonly #found: Finding[] = []
  #count = 0

  constructor(log: string) {
    this.#log = log
  }

  get count(): number {
    return this.#count
  }

  add(path: string | null, index: number | null, problem: string): void {
    this.#count += 1
    if (this.#found.length < keptMax) this.#found.push({ log: this.#log, path, index, problem })
  }

  list(): readonly Finding[] {
    return this.#found
  }
}
