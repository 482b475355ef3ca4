import { BrokenFile } from './json-rows.ts'

type Encoding = Readonly<{ name: 'utf-8' | 'utf-16le' | 'utf-16be'; mark: number }>

const starts = (head: Uint8Array, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => head[at] === byte)

/**
 * By the byte-order mark, as PowerShell and Windows editors write it; without one by the zero that
 * is half of an ASCII character, with which JSON begins (RFC 4627, 3).
 * @throws BrokenFile for UTF-32, which nobody writes.
 */
const encodingOf = (head: Uint8Array): Encoding => {
  if (starts(head, 0xff, 0xfe, 0, 0) || starts(head, 0, 0, 0xfe, 0xff)) {
    throw new BrokenFile('it is UTF-32; save it as UTF-8')
  }
  if (starts(head, 0xef, 0xbb, 0xbf)) return { name: 'utf-8', mark: 3 }
  if (starts(head, 0xff, 0xfe)) return { name: 'utf-16le', mark: 2 }
  if (starts(head, 0xfe, 0xff)) return { name: 'utf-16be', mark: 2 }
  if (head.length > 1 && head[0] !== 0 && head[1] === 0) return { name: 'utf-16le', mark: 0 }
  if (head.length > 1 && head[0] === 0) return { name: 'utf-16be', mark: 0 }
  return { name: 'utf-8', mark: 0 }
}

const headBytes = 4

/** The same bytes, the first chunk with as many as tell the encoding, if there are so many. */
const withHead = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array()
  let isTold = false
  for await (const chunk of chunks) {
    if (isTold) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < headBytes) continue
    isTold = true
    yield head
  }
  if (!isTold) yield head
}

/**
 * Chunks of a text file as UTF-8 without a byte-order mark, whether the file is UTF-8 or UTF-16.
 * Bytes of UTF-8 are passed on as they are. Nothing but one chunk is held.
 * @throws BrokenFile when it is UTF-32, or no UTF-16 after all.
 */
export const decodeUtf8 = async function* (
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | null | undefined
  const decoded = (chunk?: Uint8Array): Uint8Array => {
    try {
      return Buffer.from(decoder?.decode(chunk, { stream: chunk !== undefined }) ?? '')
    } catch {
      throw new BrokenFile(`it is no ${decoder?.encoding.toUpperCase()}`)
    }
  }
  for await (const chunk of withHead(chunks)) {
    let rest = chunk
    if (decoder === undefined) {
      const { name, mark } = encodingOf(chunk)
      decoder = name === 'utf-8' ? null : new TextDecoder(name, { fatal: true })
      rest = chunk.subarray(mark)
    }
    yield decoder === null ? rest : decoded(rest)
  }
  if (decoder) yield decoded()
}
