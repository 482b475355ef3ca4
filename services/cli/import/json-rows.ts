/** One element of the file as text, or what is wrong with its bytes. */
export type RowText =
  | Readonly<{ row: number; text: string; problem: null }>
  | Readonly<{ row: number; text: null; problem: string }>

/** A user of Django is some 600 bytes; more than this is no user. */
const rowBytesMax = 64 * 1024

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]
const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const opens = (byte: number): boolean => byte === openList || byte === openObject
const closes = (byte: number): boolean => byte === closeList || byte === closeObject

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `null` for what is no UTF-8: a name with replaced characters would be another name. */
const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** What makes the file as a whole unreadable; rows before it were read. */
export class BrokenFile extends Error {}

/**
 * Cuts a JSON list, or objects one after another (JSON Lines), into its elements as bytes come:
 * never more than one row is held. It looks at brackets and strings only; whether a row is JSON
 * says who parses it.
 */
class RowCutter {
  #row = 0
  #bytes: number[] = []
  #isTooLarge = false
  #depth = 0
  #isInString = false
  #isEscaped = false
  #shape: 'unknown' | 'list' | 'lines' | 'ended' = 'unknown';

  /** Each row as soon as it is whole, so that a fault behind it in one chunk takes none away. */
  *cut(chunk: Uint8Array): Generator<RowText> {
    for (const byte of chunk) {
      if (this.#depth === 0 && this.#bytes.length === 0 && this.#isBetween(byte)) continue
      this.#keep(byte)
      this.#follow(byte)
      if (this.#depth === 0 && !this.#isInString) yield this.#take()
    }
  }

  /** @throws BrokenFile when the file ends in the middle. */
  end(): void {
    if (this.#bytes.length > 0) throw new BrokenFile(`it ends within row ${this.#row + 1}`)
    if (this.#shape === 'list')
      throw new BrokenFile(`it ends after row ${this.#row}, within a list`)
    if (this.#shape === 'unknown') throw new BrokenFile('it is empty')
  }

  /** Whether the byte belongs to no row. @throws BrokenFile when it may not stand there. */
  #isBetween(byte: number): boolean {
    if (isBlank(byte)) return true
    if (this.#shape === 'unknown') {
      this.#shape = byte === openList ? 'list' : 'lines'
      if (byte === openList) return true
    }
    if (this.#shape === 'list' && byte === comma) return true
    if (this.#shape === 'list' && byte === closeList) {
      this.#shape = 'ended'
      return true
    }
    if (byte === openObject && this.#shape !== 'ended') return false
    throw new BrokenFile(`it holds something else than objects after row ${this.#row}`)
  }

  #keep(byte: number): void {
    if (this.#bytes.length < rowBytesMax) this.#bytes.push(byte)
    else this.#isTooLarge = true
  }

  #follow(byte: number): void {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === backslash) this.#isEscaped = true
      else if (byte === quote) this.#isInString = false
    } else if (byte === quote) this.#isInString = true
    else if (opens(byte)) this.#depth += 1
    else if (closes(byte)) this.#depth -= 1
  }

  #take(): RowText {
    this.#row += 1
    const text = this.#isTooLarge ? null : textOf(Uint8Array.from(this.#bytes))
    const problem = this.#isTooLarge ? 'is larger than 64 KiB' : 'is not UTF-8'
    this.#bytes = []
    this.#isTooLarge = false
    return text === null
      ? { row: this.#row, text, problem }
      : { row: this.#row, text, problem: null }
  }
}

/**
 * The rows of a file of any length, in order, counted from 1.
 * @throws BrokenFile, after the rows before it, when the file is no list of objects or is cut off.
 */
export const jsonRows = async function* (
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<RowText> {
  const cutter = new RowCutter()
  for await (const chunk of chunks) yield* cutter.cut(chunk)
  cutter.end()
}
