import { AuthError } from '../../../shared/kernel/errors.ts'

/**
 * All of standard input, without the line end that `echo` adds.
 * @throws AuthError INPUT_INVALID when it is longer than `bytesMax`.
 */
export const readStdin = async (what: string, bytesMax: number): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bytesMax) throw new AuthError('INPUT_INVALID', `the ${what} is too long`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
