import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localFetch } from '../../../services/embedded/local-fetch.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { boundedFetch } from '../../../shared/kernel/http/bounded-fetch.ts'
import { assert, claims } from '../../support/suite.ts'

type Heard = { method: string; type: string; body: string }

const withServer = async (
  work: (url: URL, heard: Heard[]) => Promise<void>,
  answers = true,
): Promise<void> => {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    heard.push({ method: request.method ?? '', type: request.headers['content-type'] ?? '', body })
    if (answers) response.writeHead(201, { 'content-type': 'text/plain' }).end('noted')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    await work(new URL(`http://127.0.0.1:${port}/guards/one`), heard)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const bounds = {
  fetch: localFetch,
  clock,
  timeoutMs: 300,
  bytesMax: 100,
  code: 'GUARD_STALE',
} as const
const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }

claims('what an embedded guard reports by', {
  'sends and answers as `fetch` does': () =>
    withServer(async (url, heard) => {
      const answer = await boundedFetch({ ...bounds, url, init })
      assert.equal(answer, { status: 201, contentType: 'text/plain', text: 'noted' })
      assert.equal(heard, [{ method: 'POST', type: 'application/json', body: '{}' }])
    }),

  'fails where nobody answers, and where nobody listens': async () => {
    let gone = new URL('http://127.0.0.1/')
    await withServer(async (url) => {
      gone = url
      const error = await boundedFetch({ ...bounds, url, init }).catch((reason: unknown) => reason)
      assert.ok(isAuthError(error, 'GUARD_STALE'), String(error))
    }, false)
    const error = await boundedFetch({ ...bounds, url: gone, init }).catch((one: unknown) => one)
    assert.ok(isAuthError(error, 'GUARD_STALE'), String(error))
  },
})
