import { closeSync, openSync, readSync } from 'node:fs'

const chunkBytes = 1_024 * 1_024
const lineFeed = 0x0a

/** The bytes of a file, a piece at a time. */
export function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes)
      const count = readSync(file, chunk, 0, chunk.length, null)
      if (count === 0) return
      yield chunk.subarray(0, count)
    }
  } finally {
    closeSync(file)
  }
}

/** The lines of what comes in pieces, without their ends; a last one without an end too. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** What stands behind the last end of a line. */
  rest(): Buffer {
    return this.#rest
  }

  *push(piece: Buffer): Generator<Buffer> {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    let from = 0
    for (let to = bytes.indexOf(lineFeed); to >= 0; to = bytes.indexOf(lineFeed, from)) {
      yield bytes.subarray(from, to)
      from = to + 1
    }
    this.#rest = bytes.subarray(from)
  }
}
