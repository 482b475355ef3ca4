import { join } from 'node:path'
import type { BareKoaPlan } from '../baseline/bare-koa.ts'
import type { RequestLoad } from '../load/request-load.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { planOf } from '../support/answer-plan.ts'
import { cpuMsOf } from '../support/curfew-process.ts'
import { startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openRequestLoad, perSecond, type RequestLoadWorker } from '../support/request-rounds.ts'
import { openSeeder, type SeededSession } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { untilIdle } from '../support/until-idle.ts'
import { warmUp } from '../support/warm-up.ts'
import { openWorker } from '../support/worker.ts'

const connections = 32
const sessionsPerRound = 6_000
const quickSessions = 1_000
const warmSessions = 1_000
const bareShareMin = 0.5

type Server = Readonly<{ name: string; url: string }>

const logoutAll = (
  load: RequestLoadWorker,
  url: string,
  sessions: readonly SeededSession[],
): ReturnType<RequestLoadWorker['ask']> => {
  const sendings = sessions.map(({ cookie }) => ({ cookie }))
  const request: RequestLoad = {
    ...{ url, method: 'POST', path: '/logout', sendings, connections, plan: 'once' },
  }
  return load.ask(request)
}

const bareServer = async ({ parts }: Bench, name: string, plan: BareKoaPlan): Promise<Server> => {
  const worker = await parts.use(openWorker<BareKoaPlan, string>('../baseline/bare-koa.ts'))
  return { name, url: await worker.ask(plan) }
}

/** The logout’s own answer, with one of the two tokens signed in place of a cleared cookie. */
const signing = (plan: BareKoaPlan, name: string, token: string): BareKoaPlan => ({
  ...plan,
  cookies: plan.cookies.map((cookie) => (cookie.name === name ? { ...cookie, token } : cookie)),
})

const prepare = async (bench: Bench) => {
  const { parts } = bench
  const folder = await parts.use(tempFolder())
  const curfew = await startEmbedded(parts, join(folder.path, 'data'))
  await curfew.process.readyAt(curfew.gatewayUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const load = await openRequestLoad(parts)
  const warm = await seeder.open(warmSessions)
  const { sample } = await logoutAll(load, curfew.gatewayUrl, warm)
  const ownRound = async () =>
    perSecond(await logoutAll(load, curfew.gatewayUrl, await seeder.open(warmSessions)))
  if (!bench.quick) await warmUp(ownRound)
  const plan = planOf(sample.head, JSON.parse(sample.body) as object)
  const [{ access, cookie } = { access: '', cookie: '' }] = warm
  const refresh = cookie.replace(/^.*refresh=/, '')
  const bare = [
    await bareServer(bench, 'ES256', signing(plan, 'access', access)),
    await bareServer(bench, 'HS256', signing(plan, 'refresh', refresh)),
  ] as const
  const warmed = async (url: string) => perSecond(await logoutAll(load, url, warm))
  for (const { url } of bare) await (bench.quick ? warmed(url) : warmUp(() => warmed(url)))
  return { url: curfew.gatewayUrl, pid: curfew.process.pid, seeder, load, bare }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { url, pid, seeder, load, bare } = await prepare(bench)
  const count = bench.quick ? quickSessions : sessionsPerRound
  const own: number[] = []
  const [p50, p99, cpuUs]: [number[], number[], number[]] = [[], [], []]
  const others: Record<string, number[]> = { ES256: [], HS256: [] }
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    const sessions = await seeder.open(count)
    await seeder.settled()
    const cpuBefore = cpuMsOf(pid)
    const mine = await logoutAll(load, url, sessions)
    await untilIdle(() => cpuMsOf(pid))
    cpuUs.push(((cpuMsOf(pid) - cpuBefore) * 1_000) / mine.requests)
    own.push(perSecond(mine))
    p50.push(mine.p50Ms)
    p99.push(mine.p99Ms)
    for (const server of bare) {
      others[server.name]?.push(perSecond(await logoutAll(load, server.url, sessions)))
    }
    bench.say(`repeat ${repeat}: ${Math.round(own.at(-1) ?? 0)} logouts a second`)
  }
  const { ES256: es = [], HS256: hs = [] } = others
  return {
    rows: [
      { measure: 'Curfew: logouts', unit: 'per s', repeats: own },
      { measure: 'bare Koa, one ES256 signature, no store', unit: 'per s', repeats: es },
      { measure: 'bare Koa, one HS256 signature, no store', unit: 'per s', repeats: hs },
      {
        ...{ measure: 'Curfew / bare Koa, one ES256 signature', unit: '×' },
        repeats: ratios(own, es),
        target: { atLeast: bareShareMin },
        command: `logout, embedded, durable, ${connections} connections`,
        beside: 'bare Koa of the refresh, one signature less',
      },
      {
        ...{ measure: 'Curfew / bare Koa, one HS256 signature', unit: '×' },
        repeats: ratios(own, hs),
      },
      { measure: 'Curfew: latency p50', unit: 'ms', repeats: p50 },
      { measure: 'Curfew: latency p99', unit: 'ms', repeats: p99 },
      { measure: 'Curfew: CPU a logout', unit: 'µs', repeats: cpuUs },
    ],
    notes: [
      paragraph(
        `${count} sessions a round, each logged out once over ${connections} keep-alive`,
        'connections; an answer that is not 200 ends the run. Each answer waits until the',
        'revocation is durable and told to the log.',
      ),
      paragraph(
        'The bare server is that of refresh-embedded with the answer of a logout and one of the',
        'two signatures: the access token’s (ES256), or, without a target, the refresh token’s',
        '(HS256). It verifies, stores and tells nothing. A logout itself signs no token.',
      ),
    ],
  }
}

export const logoutRate: Scenario = {
  name: 'logout-rate',
  claim: paragraph(
    `One embedded process logs out at least ${bareShareMin} × as fast as a bare server signs one`,
    'token.',
  ),
  needs: [],
  measure,
}
