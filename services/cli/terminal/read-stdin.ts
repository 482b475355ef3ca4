import { isUtf8 } from 'node:buffer'
import { AuthError } from '../../../shared/kernel/errors.ts'

/**
 * All of standard input, without the line end that `echo` adds.
 * @throws AuthError INPUT_INVALID when it is longer than `bytesMax`, or is no UTF-8.
 */
export const readStdin = async (what: string, bytesMax: number): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bytesMax) throw new AuthError('INPUT_INVALID', `the ${what} is too long`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  // What is no UTF-8 would be read as other characters, which nobody types.
  if (!isUtf8(bytes)) throw new AuthError('INPUT_INVALID', `the ${what} is no UTF-8`)
  return bytes.toString('utf8').replace(/\r?\n$/, '')
}
