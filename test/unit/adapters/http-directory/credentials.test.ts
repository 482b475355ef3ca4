import { httpCredentials } from '../../../../shared/adapters/http-directory/credentials.ts'
import { directoryMistakes } from '../../../../shared/backends/directory-settings.ts'
import { noOrigin } from '../../../../shared/events/event.ts'
import { listen } from '../../../../shared/http/listen.ts'
import { systemClock as clock } from '../../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../../shared/kernel/ids.ts'
import type { Credentials } from '../../../../shared/ports/credentials.ts'
import { assert, claims } from '../../../support/suite.ts'

type Heard = Readonly<{ path: string; authorization: string; body: unknown }>
type Reply = Readonly<{ status: number; body?: string; location?: string }> | 'hang' | 'cut'

const sub = 'somebody' as SubjectId
const person = { sub, username: 'ann', roles: ['admin'] }
const asked = { sub, username: 'ann', password: 'p', origin: noOrigin }
const ok = (body: unknown): Reply => ({ status: 200, body: JSON.stringify(body) })

/** A server that gives these replies in turn, the last one for ever. */
const inFront = async (
  replies: readonly Reply[],
  prove: (directory: Credentials, heard: Heard[]) => Promise<void>,
  timeoutMs = 30_000,
): Promise<void> => {
  const heard: Heard[] = []
  const server = await listen(
    async (request, response) => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      const { authorization = '' } = request.headers
      heard.push({ path: request.url ?? '', authorization, body: JSON.parse(text) })
      const reply = replies[Math.min(heard.length, replies.length) - 1]
      if (reply === undefined || reply === 'hang') return
      if (reply === 'cut') return void request.socket.destroy()
      if (reply.location) response.setHeader('location', reply.location)
      response.writeHead(reply.status).end(reply.body)
    },
    { port: 0, host: '127.0.0.1', stopTimeoutMs: 0 },
  )
  const url = new URL(`${server.url}/curfew/`)
  const secret = 'a-secret-of-sixteen'
  try {
    await prove(httpCredentials({ url, secret, timeoutMs, clock, entropy }), heard)
  } finally {
    await server.close()
  }
}

const isUnavailable = async (call: Promise<unknown>): Promise<void> => {
  const outcome = await call.then(
    (value) => value,
    (error: unknown) => (isAuthError(error, 'DIRECTORY_UNAVAILABLE') ? 'unavailable' : error),
  )
  assert.is(outcome, 'unavailable')
}

claims('the directory over HTTP', {
  'every call is a POST below the address, with the secret and what it asks': () =>
    inFront(
      [ok({ sub }), ok(person), ok({ ...person, active: true })],
      async (directory, heard) => {
        await directory.subjectOf('ann')
        await directory.verify({ ...asked, origin: { address: '192.0.2.7', agent: 'curl' } })
        await directory.bySub(sub)
        const authorization = 'Bearer a-secret-of-sixteen'
        const verify = { username: 'ann', password: 'p', address: '192.0.2.7', agent: 'curl' }
        assert.equal(heard, [
          { path: '/curfew/subject', authorization, body: { username: 'ann' } },
          { path: '/curfew/verify', authorization, body: verify },
          { path: '/curfew/user', authorization, body: { sub } },
        ])
      },
    ),

  'what only reads is tried three times; a password is sent once': async () => {
    for (const failing of [{ status: 500 }, { status: 429 }, 'cut'] as const) {
      await inFront([failing, failing, ok({ sub })], async (directory, heard) => {
        assert.is(await directory.subjectOf('ann'), sub)
        assert.is(heard.length, 3)
      })
      await inFront([failing], async (directory, heard) => {
        await isUnavailable(directory.bySub(sub))
        assert.is(heard.length, 3)
        await isUnavailable(directory.verify(asked))
        assert.is(heard.length, 4)
      })
    }
  },

  'no answer within the time is unavailable, and asked no more': () =>
    inFront(
      ['hang'],
      async (directory, heard) => {
        await isUnavailable(directory.subjectOf('ann'))
        await isUnavailable(directory.verify(asked))
        assert.equal(
          heard.map(({ path }) => path),
          ['/curfew/subject', '/curfew/verify'],
        )
      },
      300,
    ),

  'a refused secret is no refused user': () =>
    inFront([{ status: 401 }], async (directory) => {
      await isUnavailable(directory.subjectOf('ann'))
      await isUnavailable(directory.bySub(sub))
    }),

  // asvs: 15.3.2
  'a redirect is not followed, and an answer without an end not read': async () => {
    await inFront([{ status: 307, location: '/elsewhere' }], async (directory, heard) => {
      await isUnavailable(directory.verify(asked))
      assert.equal(heard.length, 1)
    })
    const much = ok({ sub, padding: 'x'.repeat(20_000) })
    await inFront([much], (directory) => isUnavailable(directory.subjectOf('ann')))
  },

  'answers of another form are unavailable, whichever member is at fault': async () => {
    const wrong: unknown[] = [
      'text',
      [],
      {},
      { ...person, sub: '' },
      { ...person, sub: 'with blank' },
      { ...person, sub: 7 },
      { ...person, roles: 'admin' },
      { ...person, roles: ['with blank'] },
      { sub, roles: [] },
      { ...person, id: '' },
    ]
    for (const body of wrong) {
      await inFront([ok(body)], async (directory) => {
        await isUnavailable(directory.verify(asked))
        await isUnavailable(directory.bySub(sub))
      })
    }
    await inFront([{ status: 200, body: '{' }], (one) => isUnavailable(one.subjectOf('ann')))
    const other = { ...person, sub: 'somebody-else', active: true }
    await inFront([ok(other)], (directory) => isUnavailable(directory.bySub(sub)))
  },

  'an id of another kind is told as text; members beyond the protocol are passed over': () =>
    inFront([ok({ ...person, id: 42, more: { than: 'asked' } })], async (directory) => {
      const verified = await directory.verify(asked)
      assert.equal(verified, { outcome: 'verified', person: { ...person, id: '42' } })
    }),

  // asvs: 12.3.3
  'http is taken on loopback only, and the secret goes with the address': () => {
    const mistakes = (address: string | null, secret: string | null = 'x'.repeat(16)) =>
      directoryMistakes({
        directoryUrl: address === null ? null : new URL(address),
        directorySecret: secret,
        directoryTimeoutMs: 2_000,
      }).length
    for (const good of ['https://users.example', 'http://localhost:1', 'http://127.0.0.1/x']) {
      assert.is(mistakes(good), 0, good)
    }
    for (const bad of ['http://users.example', 'http://127.0.0.1.example', 'http://10.0.0.1']) {
      assert.is(mistakes(bad), 1, bad)
    }
    assert.is(mistakes('https://users.example', null), 1)
    assert.is(mistakes(null), 1)
    assert.is(mistakes(null, null), 0)
  },
})
