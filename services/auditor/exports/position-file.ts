import { existsSync, readFileSync } from 'node:fs'
import { type Position, parsePosition, positionText } from './position.ts'
import { replaceFile } from './replace-file.ts'

/** What a pipe may hold that nobody has read: Linux gives it 64 KiB. */
const pipeBytes = 65_536

type Sent = Readonly<{ bytes: number; log: string; next: number }>

/**
 * Keeps how far a follower has come, in a file. While it runs the file is behind by what may still
 * lie in a pipe, so that a reader that is killed loses nothing; at a clean end, when the reader
 * gets what is in the pipe, the file says all.
 */
export class PositionFile {
  readonly #path: string
  readonly #position: Map<string, number>
  readonly #sent: Sent[] = []
  #sentBytes = 0
  #saved = ''

  constructor(path: string, begin: Position) {
    this.#path = path
    this.#position = new Map(begin)
  }

  /** `null` when there is no file. @throws AuthError INPUT_INVALID when it holds no position */
  static read(path: string): Position | null {
    return existsSync(path) ? parsePosition(readFileSync(path, 'utf8')) : null
  }

  sent(log: string, index: number, bytes: number): void {
    this.#sent.push({ bytes, log, next: index + 1 })
    this.#sentBytes += bytes
    // Behind the oldest that may lie in the pipe there is nothing that it can hold.
    for (let first = this.#sent[0]; first; first = this.#sent[0]) {
      if (this.#sentBytes - first.bytes < pipeBytes) break
      this.#take(first)
    }
  }

  save(): void {
    const text = positionText(this.#position)
    if (text === this.#saved) return
    replaceFile(this.#path, `${text}\n`)
    this.#saved = text
  }

  /** All that was sent has been given to the reader. */
  end(): void {
    while (this.#sent[0]) this.#take(this.#sent[0])
    this.save()
  }

  #take({ bytes, log, next }: Sent): void {
    this.#sent.shift()
    this.#sentBytes -= bytes
    this.#position.set(log, next)
  }
}
