import { EventRates } from '../../../services/gateway/operators/index.ts'
import type { ClientId, EpochMs } from '../../../shared/kernel/ids.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { cookieHeader, newJar } from '../../support/processes/browser.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = {
  CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,other:${secret}-2:introspect+revoke+users`,
}
const basic = (id: string, of: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${of}`).toString('base64')}`,
})
const auditor = basic('auditor', secret)

type Second = Readonly<Record<'logins' | 'failures' | 'rotations' | 'revocations', number>>
type Body = Readonly<{
  rates: Readonly<{ seconds: readonly Second[] }> | null
  refusals: object
  guards: readonly Readonly<Record<string, unknown>>[]
  lag: Readonly<Record<'auditor' | 'projector', Readonly<{ behind_ms: number | null }>>>
  dead_letters: number | null
  trail: object | null
}>

const ask = async (world: World, headers: Readonly<Record<string, string>> = auditor) => {
  const answer = await sendHttp(`${world.url}/overview`, { method: 'GET', headers })
  return { status: answer.status, body: answer.body as Body }
}
const total = ({ body: { rates } }: Readonly<{ body: Body }>) => {
  const of = (kind: keyof Second): number =>
    (rates?.seconds ?? []).reduce((sum, second) => sum + second[kind], 0)
  return [of('logins'), of('failures'), of('rotations'), of('revocations')]
}

const withIndex = (claim: (world: World) => Promise<void>) => () => inIndexedWorld({ env }, claim)

claims('GET /overview', {
  'counts what the fleet did, what came between two looks too, and each event once': withIndex(
    async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      await until('a login', async () => total(await ask(world))[0] === 1)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await world.login(newJar(), user.username, 'wrong')).status, 401)
      assert.is((await world.logout(jar)).status, 200)
      await until('the rest', async () => String(total(await ask(world))) === '1,1,2,1')
      assert.equal(total(await ask(world)), [1, 1, 2, 1])
    },
  ),

  'counts once what comes while the first look reads the past': withIndex(async (world) => {
    const { index, events } = world.rooms.audit
    const user = await world.addUser()
    await world.open(user)
    const isThere = (sid: string) => async () => {
      const terms = [`session:${sid}`]
      const asked = { terms, since: null, until: null, order: 'newest', after: null } as const
      return (await index.page({ ...asked, limit: 2 })).events.length > 0
    }
    const lanes = async () => {
      const found = await index.lanes()
      const { sid } = payloadOf((await world.open(user)).get('access') ?? '')
      await until('it came in between', isThere(sid))
      return found
    }
    const filled = async () => (await index.lanes()).length > 0
    await until('somebody fills the index', filled)
    const rates = new EventRates({
      index: {
        ...{ lanes, page: index.page.bind(index), arrivals: index.arrivals.bind(index) },
      } as never,
      events,
    })
    const logins = async (): Promise<number> => {
      const { seconds } = await rates.look(world.rooms.context.storeClock.now())
      return seconds.reduce((sum, second) => sum + second.logins, 0)
    }
    const first = await logins()
    assert.is(await logins(), first)
  }),

  'sums up how long all attached guards took to refuse, and says how late each is': withIndex(
    async (world) => {
      const now = world.rooms.context.storeClock.now()
      const reported = (instance: string, counts: readonly [number, number]) => ({
        ...{ client: 'shop' as ClientId, instance, name: 'orders', feed: 'kafka', ready: true },
        ...{ closedTime: now, stalenessMs: 1_250, revocations: 3, reportedAt: now },
        refusals: {
          buckets: [
            { le: 0.01, count: counts[0] },
            { le: 0.1, count: counts[1] },
          ],
          count: counts[1],
        },
      })
      const bound = { since: 0 as EpochMs, max: 10 }
      await world.state.guards.note(reported('a1', [98, 98]), bound)
      await world.state.guards.note(reported('b2', [0, 2]), bound)
      const isCaughtUp = async () => (await ask(world)).body.lag.auditor.behind_ms !== null
      await until('the index has all', isCaughtUp)
      const { body } = await ask(world)
      assert.equal(body.refusals, { count: 100, p50_ms: 10, p99_ms: 100, max_ms: 100 })
      assert.equal(
        body.guards.map(({ instance, refusals }) => [instance, refusals]),
        [
          ['a1', { count: 98, p50_ms: 10, p99_ms: 10, max_ms: 10 }],
          ['b2', { count: 2, p50_ms: 100, p99_ms: 100, max_ms: 100 }],
        ],
      )
      assert.equal([body.lag.projector.behind_ms, body.dead_letters, body.trail], [null, 0, null])
    },
  ),

  'says of what nobody fills that it is not known, and of the rest what it is': () =>
    inWorld({ env }, async (world) => {
      const { status, body } = await ask(world)
      assert.equal([status, body.rates, body.lag.auditor.behind_ms], [200, null, null])
      assert.equal([body.guards, body.dead_letters], [[], 0])
    }),

  'is for auditors and administrators alone': withIndex(async (world) => {
    const statusOf = async (roles: readonly string[]) => {
      const user = aUser({ roles: [...roles] })
      await world.state.directory.create(user)
      return (await ask(world, cookieHeader(await world.open(user)))).status
    }
    assert.equal(
      [await statusOf([]), await statusOf(['audit']), await statusOf(['admin'])],
      [403, 200, 200],
    )
    assert.is((await ask(world, basic('other', `${secret}-2`))).status, 403)
    assert.is((await ask(world, {})).status, 401)
  }),
})
