import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../../shared/kernel/errors.ts'

/** The gateway takes less; what is larger need not travel there. */
const bytesMax = 64 * 1_024

const tooLarge = (): AuthError =>
  new AuthError('BODY_TOO_LARGE', `The body is larger than ${bytesMax / 1_024} KiB.`)

/**
 * The whole body: the gateway hears of a request when all of it is there.
 * @throws AuthError BODY_TOO_LARGE, BODY_ABORTED
 */
export const readSmallBody = async (request: IncomingMessage): Promise<Buffer> => {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength
      // Read to the end all the same: a connection that is cut tells the browser nothing.
      if (bytes <= bytesMax) chunks.push(chunk)
    }
  } catch (cause) {
    throw new AuthError('BODY_ABORTED', 'The request ended before its body was whole.', { cause })
  }
  if (bytes > bytesMax) throw tooLarge()
  return Buffer.concat(chunks)
}
