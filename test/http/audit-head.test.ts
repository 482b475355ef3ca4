import { generateKeyPairSync } from 'node:crypto'
import Koa from 'koa'
import { headRoute } from '../../services/auditor/head-route.ts'
import { headsIn } from '../../services/auditor/heads/index.ts'
import type { OverviewBody } from '../../services/gateway/answers.ts'
import { listen } from '../../shared/http/listen.ts'
import { systemClock } from '../../shared/kernel/clock.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { parseCheckpointText } from '../../shared/tlog/checkpoint.ts'
import { cosign } from '../../shared/tlog/note-key.ts'
import { formatNote, parseNote } from '../../shared/tlog/signed-note.ts'
import { cachedHeads } from '../../shared/trail-heads/cached-heads.ts'
import { parseHeads } from '../../shared/trail-heads/head-answer.ts'
import { headUrl } from '../../shared/trail-heads/head-query.ts'
import { HeadTracker } from '../../shared/trail-heads/head-tracker.ts'
import { aUser } from '../support/fakes/builders.ts'
import { cookieHeader } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { LivingTrail } from '../support/trail/living-trail.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'

const get = (world: World, path: string, headers = {}) =>
  sendHttp(`${world.url}${path}`, { method: 'GET', headers })
const ask = (world: World, path: string) => get(world, path, world.serviceHeaders)
const metadataOf = async (world: World): Promise<Readonly<Record<string, unknown>>> =>
  (await get(world, '/.well-known/oauth-authorization-server')).body as Record<string, unknown>

/** A gateway, and an auditor below a path, with its trail. */
const withAuditor = async (
  prove: (world: World, trail: LivingTrail, stopAuditor: () => Promise<void>) => Promise<void>,
): Promise<void> => {
  const parts = new Lifecycle()
  const trail = LivingTrail.begun()
  const app = new Koa()
  app.use(headRoute({ heads: headsIn(trail.files), logger }))
  const server = listen(app.callback(), { port: 0, host: '127.0.0.1' })
  let isOpen = true
  const stop = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await (await server).close()
  }
  await parts.use({ close: stop })
  try {
    const env = { CURFEW_AUDITOR_URL: (await server).url }
    await inWorld({ env }, (world) => prove(world, trail, stop))
  } finally {
    await parts.close()
  }
}

const headIn = (text: string) => {
  const answer = parseHeads(text)
  assert.ok(answer)
  return answer
}

claims('GET /audit/head', {
  'is 404 where no trail is known, and no guard is told of it': () =>
    inWorld({}, async (world) => {
      assert.is((await ask(world, '/audit/head')).status, 404)
      assert.is((await metadataOf(world))['curfew_audit_head_endpoint'], undefined)
    }),

  'shows a service client what its auditor signed, and guards are told where': () =>
    withAuditor(async (world, trail) => {
      const told = String((await metadataOf(world))['curfew_audit_head_endpoint'])
      assert.ok(told.endsWith('/audit/head'))
      assert.is((await get(world, '/audit/head')).status, 401)
      const followed = new HeadTracker([])
      for (let look = 0; look < 4; look += 1) {
        const { pathname, search } = headUrl(new URL(told), followed.known())
        const answer = await ask(world, `${pathname}${search}`)
        assert.is(answer.status, 200)
        assert.is(followed.take(headIn(JSON.stringify(answer.body))).state, 'consistent')
        if (look === 1) trail.renew()
        trail.grow(70)
      }
      assert.ok((followed.kept?.size ?? 0) > 70)
    }),

  'refuses what is no head that somebody may keep, by the name of the field': () =>
    withAuditor(async (world) => {
      for (const [query, field] of [
        ['from=3', 'origin'],
        ['origin=', 'origin'],
        ['origin=a%20b&from=3', 'origin'],
        ['origin=a', 'from'],
        ['origin=a&from=-1', 'from'],
        ['origin=a&from=03', 'from'],
        ['origin=a&from=1e3', 'from'],
        ['origin=a&from=9007199254740993', 'from'],
        ['origin=a&from=3&from=4', 'from'],
        ['frm=3', 'frm'],
      ] as const) {
        const { status, body } = await ask(world, `/audit/head?${query}`)
        assert.equal([status, Object.keys(body as object)], [400, [field]], query)
      }
    }),

  'is 503 while the auditor is away, and when it shows what is no head': async () => {
    await withAuditor(async (world, trail, stopAuditor) => {
      assert.is((await ask(world, '/audit/head?origin=x&from=0')).status, 200)
      const damaged = [...trail.files.disk.keys()].find((path) => path.endsWith('heads/checkpoint'))
      trail.files.disk.set(damaged ?? '', Buffer.from('rubbish'))
      assert.is((await ask(world, '/audit/head?origin=x&from=1')).status, 503)
      await stopAuditor()
      const { status, body } = await ask(world, '/audit/head?origin=x&from=2')
      assert.equal([status, (body as { code: string }).code], [503, 'trail_unavailable'])
    })
  },
})

const w1 = generateKeyPairSync('ed25519').privateKey

claims('witnesses in GET /overview', {
  'are those whose signatures the auditor keeps, when, and of how many entries': () =>
    withAuditor(async (world, trail) => {
      const user = aUser({ roles: ['audit'] })
      await world.state.directory.create(user)
      const reader = cookieHeader(await world.open(user))
      const cosigned = async () =>
        ((await get(world, '/overview', reader)).body as OverviewBody).trail?.cosigned
      const path = [...trail.files.disk.keys()].find((one) => one.endsWith('heads/checkpoint'))
      const note = parseNote(trail.files.disk.get(path ?? '') ?? Buffer.of())
      const signatures = ['witness.example/w1', 'witness.example/w2'].map((name) =>
        cosign(note.text, { name, privateKey: w1, seconds: 1_700_000_000 }),
      )
      const whole = formatNote({ ...note, signatures: [...note.signatures, ...signatures] })
      trail.files.disk.set(String(path).replace('checkpoint', 'witnessed'), whole)
      trail.grow(3)
      const [at, { size }] = ['2023-11-14T22:13:20.000Z', parseCheckpointText(note.text)]
      assert.equal(await cosigned(), [
        { name: 'witness.example/w1', at, size },
        { name: 'witness.example/w2', at, size },
      ])
    }),
})

claims('the heads that are shown to many', {
  'are asked for once by who asks alike, again after ten seconds, and not without end':
    async () => {
      let nowMs = 0
      let asked = 0
      let fails = false
      const clock = { ...systemClock, monotonicMs: () => nowMs }
      const newest = async () => {
        asked += 1
        if (fails) throw new Error('away')
        return 'an answer'
      }
      const heads = cachedHeads({ newest }, clock)
      const from = (size: number) => heads.newest({ origin: 'o', size })
      await Promise.all(Array.from({ length: 1_000 }, (_, guard) => from(guard % 60)))
      assert.is(asked, 60)
      nowMs = 10_000
      await Promise.all(Array.from({ length: 60 }, (_, guard) => from(guard)))
      assert.is(asked, 120)
      const many = await Promise.allSettled(Array.from({ length: 900 }, (_, size) => from(size)))
      assert.is(asked, 512 + 60)
      const refused = many.filter(({ status }) => status === 'rejected')
      assert.is(refused.length, 900 - 512)
      assert.is(await from(3), 'an answer', 'who asks alike is answered')
      nowMs = 20_001
      fails = true
      for (let time = 0; time < 2; time += 1) {
        assert.is(await from(1).catch((error: Error) => error.message), 'away')
      }
      assert.is(asked, 512 + 62, 'what failed is asked again')
      let signed: string | null = null
      const young = cachedHeads({ newest: async () => signed }, clock)
      assert.is(await young.newest(null), null)
      signed = 'the first head'
      assert.is(await young.newest(null), signed)
    },
})
