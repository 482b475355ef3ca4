import { setPassword } from '../../../services/gateway/accounts/change-account.ts'
import { createUser, importUser } from '../../../services/gateway/accounts/create-user.ts'
import { namedBlock } from '../../support/documents/code-blocks.ts'
import { shiftedClock } from '../../support/fakes/shifted-clock.ts'
import { notRun } from '../../support/not-run.ts'
import { newJar } from '../../support/processes/browser.ts'
import { type Answer, sendHttp } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { startDjango } from '../../support/servers/django-service.ts'
import { djangoPython } from '../../support/servers/django-venv.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const password = 'correct horse'
const issuer = 'https://auth.example'
const client = 'tests:a-secret-of-the-tests'
const recipeLinesMax = 20

type Pair = Readonly<{ access: string; refresh: string }>
type Ask = (path: '/me' | '/unasking', token: string) => Promise<Answer>
type Service = Readonly<{ world: World; ask: Ask; obtain: (as?: string) => Promise<Pair> }>

const inService = async (
  python: string,
  prove: (service: Service) => Promise<void>,
  { userIdClaim, aheadMs = 0 }: Readonly<{ userIdClaim?: string; aheadMs?: number }> = {},
): Promise<void> =>
  inWorld({ env: { CURFEW_ISSUER: issuer }, clock: shiftedClock(aheadMs) }, async (world) => {
    const claim = userIdClaim === undefined ? {} : { userIdClaim }
    const django = await startDjango({ python, authUrl: world.url, issuer, client, ...claim })
    const ask: Ask = (path, token) =>
      sendHttp(`${django.url}${path}`, {
        method: 'GET',
        headers: { authorization: `Bearer ${token}` },
      })
    const obtain = async (as = password): Promise<Pair> => {
      const json = { username: 'alice', password: as }
      return (await world.send('/api/token/', newJar(), { json })).body as Pair
    }
    await createUser(world.rooms, { username: 'alice', password, roles: ['buyer'] })
    try {
      await prove({ world, ask, obtain })
    } finally {
      await django.close()
    }
  })

const isRefused = ({ status, body }: Answer, message?: string): void => {
  assert.is(status, 401, JSON.stringify(body))
  if (message) assert.ok(JSON.stringify(body).includes(message), JSON.stringify(body))
}

const suite = (python: string): void =>
  claims('a Django service with Simple-JWT', {
    'accepts access tokens unchanged, by the key that JWK_URL has, with clocks that differ':
      async () => {
        for (const given of [{ aheadMs: 900 }, { aheadMs: -900, userIdClaim: 'sub' }]) {
          await inService(
            python,
            async ({ ask, obtain }) => {
              const { access } = await obtain()
              const expected = { user_id: payloadOf(access).sub, roles: ['buyer'] }
              for (const path of ['/me', '/unasking'] as const) {
                const { status, body } = await ask(path, access)
                assert.equal([status, body], [200, expected])
              }
            },
            given,
          )
        }
      },

    'refuses other kinds, forgeries, and tokens of another issuer': () =>
      inService(python, async ({ world, ask, obtain }) => {
        const { access, refresh } = await obtain()
        isRefused(await ask('/unasking', refresh))
        const json = { username: 'alice', password }
        const opened = await world.send('/api/token/sliding/', newJar(), { json })
        isRefused(await ask('/unasking', (opened.body as { token: string }).token), 'wrong type')
        const [header, , signature] = access.split('.')
        const payload = { ...payloadOf(access), roles: ['admin'] }
        const forged = Buffer.from(JSON.stringify(payload)).toString('base64url')
        isRefused(await ask('/unasking', `${header}.${forged}.${signature}`))
        await inWorld({ env: { CURFEW_ISSUER: issuer } }, async (stranger) => {
          await createUser(stranger.rooms, { username: 'alice', password, roles: [] })
          const other = await stranger.send('/api/token/', newJar(), { json })
          isRefused(await ask('/unasking', (other.body as Pair).access))
        })
      }),

    'with the recipe of docs/django.md it honours revocations at once; without it, it does not':
      () =>
        inService(python, async ({ world, ask, obtain }) => {
          const [first, second] = [await obtain(), await obtain()]
          const { refresh } = first
          await world.send('/api/token/blacklist/', newJar(), { json: { refresh } })
          isRefused(await ask('/me', first.access), 'Token is blacklisted')
          assert.is((await ask('/unasking', first.access)).status, 200)
          assert.is((await ask('/me', second.access)).status, 200)
          const sub = payloadOf(second.access).sub as never
          await setPassword(world.rooms, sub, 'battery staple')
          isRefused(await ask('/me', second.access), 'Token is blacklisted')
          assert.is((await ask('/me', (await obtain('battery staple')).access)).status, 200)
        }),

    'without an answer of Curfew the recipe is a 503': () =>
      inService(python, async ({ world, ask, obtain }) => {
        const { access } = await obtain()
        assert.is((await ask('/me', access)).status, 200)
        await world.close()
        assert.is((await ask('/me', access)).status, 503)
        assert.is((await ask('/unasking', access)).status, 200)
      }),

    [`the recipe has at most ${recipeLinesMax} lines`]: () => {
      const lines = namedBlock('docs/django.md', 'recipe').trimEnd().split('\n')
      assert.ok(lines.length <= recipeLinesMax, String(lines.length))
      assert.ok(lines.every((line) => line.length <= 130))
    },
  })

const amidMove = (python: string): void =>
  claims('a Django service amid its move', {
    'takes both kinds by one class: refresh tokens, forgeries and what was ended are out': () =>
      inWorld({ env: { CURFEW_ISSUER: issuer }, clock: shiftedClock(900) }, async (world) => {
        const passwordHash = await world.rooms.accounts.passwords.hash(password)
        const alice = { username: 'alice', passwordHash, roles: [], active: true, id: '1' }
        await importUser(world.rooms, alice)
        const both = { python, authUrl: world.url, issuer, client, takesBoth: true }
        const django = await startDjango(both)
        const ask = (path: string, token = '') => {
          const headers = { authorization: `Bearer ${token}` }
          return sendHttp(`${django.url}${path}`, { method: 'GET', headers })
        }
        try {
          const old = (await ask('/health')).body as Pair
          const json = { username: 'alice', password }
          const given = (await world.send('/api/token/', newJar(), { json })).body as Pair
          for (const { access } of [given, old]) {
            const { status, body } = await ask('/me', access)
            assert.equal([status, body], [200, { pk: 1, username: 'alice' }])
          }
          const forged = [given, old].map(({ access }) => `${access.slice(0, -6)}AAAAAA`)
          for (const bad of [given.refresh, old.refresh, ...forged, 'abc']) {
            isRefused(await ask('/me', bad))
          }
          const { refresh } = given
          await world.send('/api/token/blacklist/', newJar(), { json: { refresh } })
          isRefused(await ask('/me', given.access), 'Token is blacklisted')
          await world.close()
          assert.is((await ask('/me', old.access)).status, 200)
        } finally {
          await django.close()
        }
      }),
  })

const django = await djangoPython()
if ('missing' in django) notRun('Django downstream', django.missing)
else {
  suite(django.python)
  amidMove(django.python)
}
