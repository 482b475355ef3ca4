import { createRequire } from 'node:module'
import { type FetchResponse, readFetchResponse } from '../protocol/fetch-response.ts'

const require = createRequire(import.meta.url)
const patchedVersion = '2.2.4'

/**
 * Lets kafkajs read Fetch answers by our code. Its own knows gzip alone, inflates without a limit,
 * checks no checksum, and throws away the whole answer for one record that it cannot read, to ask
 * for the same again for ever: one foreign record blinded every reader. Every broker since Kafka
 * 2.3 is asked in version 11. Any other version of kafkajs is left as it is.
 */
export const patchFetchAnswers = (): void => {
  const { version } = require('kafkajs/package.json') as { version: string }
  if (version !== patchedVersion) return
  const response = require('kafkajs/src/protocol/requests/fetch/v11/response') as {
    decode: (bytes: Buffer) => Promise<FetchResponse>
  }
  response.decode = async (bytes) => readFetchResponse(bytes)
}
