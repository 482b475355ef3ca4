import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { replaceFile } from './replace-file.ts'

/** How far somebody has read: of each log, `LIFE/PARTITION`, the index that comes next. */
export type Position = ReadonlyMap<string, number>

const part = /^([0-9a-f]{32}(?:-[1-9]\d{0,5})?\/\d{1,6}):(\d{1,15})$/

export const trailPositionText = (position: Position): string =>
  [...position].map(([log, next]) => `${log}:${next}`).join(',')

/** @throws AuthError INPUT_INVALID for what is none */
export const parseTrailPosition = (text: string): Position => {
  const parts = text.trim() === '' ? [] : text.trim().split(',')
  return new Map(
    parts.map((one) => {
      const [, log = '', next = ''] = part.exec(one) ?? []
      if (log === '') throw new AuthError('INPUT_INVALID', `"${one}" is no LIFE/PARTITION:INDEX`)
      return [log, Number(next)]
    }),
  )
}

/** What a pipe may hold that nobody has read: Linux gives it 64 KiB. */
const pipeBytes = 65_536

/** What may lie in the pipe, and how far each log is once it was read. */
type Sent = Readonly<{ bytes: number; next: Map<string, number> }>

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
  #saved: string | null = null

  constructor(path: string, begin: Position) {
    this.#path = path
    this.#position = new Map(begin)
  }

  /** `null` when there is no file. @throws AuthError INPUT_INVALID when it holds no position */
  static read(path: string): Position | null {
    if (!existsSync(path)) return null
    if (statSync(path).isFile()) return parseTrailPosition(readFileSync(path, 'utf8'))
    throw new AuthError('INPUT_INVALID', `${path} is no file`)
  }

  /** A leaf was met; nothing was sent of one that is not asked for: `bytes` is 0. */
  sent(log: string, index: number, bytes: number): void {
    if (bytes === 0) {
      // It comes behind what was sent last, and no row of its own is held for it.
      const next = this.#sent.at(-1)?.next ?? this.#position
      next.set(log, index + 1)
      return
    }
    this.#sent.push({ bytes, next: new Map([[log, index + 1]]) })
    this.#sentBytes += bytes
    // Behind the oldest that may lie in the pipe there is nothing that it can hold.
    for (let first = this.#sent[0]; first; first = this.#sent[0]) {
      if (this.#sentBytes - first.bytes < pipeBytes) break
      this.#take(first)
    }
  }

  /**
   * That the file can be written, before anything is sent: whoever reads must not learn after hours
   * that no position was kept. The file itself comes with the first position.
   */
  tryOut(): void {
    const beside = `${this.#path}.try`
    rmSync(beside, { force: true })
    writeFileSync(beside, '', { flag: 'wx', mode: 0o600 })
    rmSync(beside)
  }

  save(): void {
    const text = trailPositionText(this.#position)
    if (text === this.#saved) return
    replaceFile(this.#path, `${text}\n`)
    this.#saved = text
  }

  /** All that was sent has been given to the reader. */
  end(): void {
    while (this.#sent[0]) this.#take(this.#sent[0])
    this.save()
  }

  #take({ bytes, next }: Sent): void {
    this.#sent.shift()
    this.#sentBytes -= bytes
    for (const [log, index] of next) this.#position.set(log, index)
  }
}
