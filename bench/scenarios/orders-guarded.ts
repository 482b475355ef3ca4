import { join } from 'node:path'
import type { BareOrdersPlan } from '../baseline/bare-orders.ts'
import type { RequestLoad } from '../load/request-load.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { mean, ratios } from '../statistics.ts'
import { startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openRequestLoad, perSecond } from '../support/request-rounds.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { warmUp } from '../support/warm-up.ts'
import { openWorker } from '../support/worker.ts'

const connections = 32
const bareShareMin = 0.9
const warmMs = 1_500
/** A round is short and there are many: a ratio near 1 wants both sides at the same minute. */
const roundsPerRepeat = 4

const prepare = async ({ parts, quick }: Bench) => {
  const folder = await parts.use(tempFolder())
  const curfew = await startEmbedded(parts, join(folder.path, 'data'))
  await Promise.all([
    curfew.process.readyAt(curfew.gatewayUrl),
    curfew.process.readyAt(curfew.ordersUrl),
  ])
  const seeder = await parts.use(openSeeder(curfew.settings))
  const sessions = await seeder.open(connections)
  await seeder.settled()
  const load = await openRequestLoad(parts)
  const bare = await parts.use(openWorker<BareOrdersPlan, string>('../baseline/bare-orders.ts'))
  const sendings = sessions.map(({ access }) => ({ cookie: `access=${access}` }))
  const round = (url: string, ms: number) => {
    const request: RequestLoad = {
      ...{ url, method: 'GET', path: '/orders', sendings, connections, plan: { ms } },
    }
    return load.ask(request)
  }
  const warmed = async (url: string) => {
    const warm = async () => perSecond(await round(url, warmMs))
    await (quick ? warm() : warmUp(warm))
  }
  const { sample } = await round(curfew.ordersUrl, warmMs)
  await warmed(curfew.ordersUrl)
  const bareUrl = await bare.ask({ body: JSON.parse(sample.body) as object })
  await warmed(bareUrl)
  return { round, ordersUrl: curfew.ordersUrl, bareUrl }
}

/** Both sides in turns; requests a second over all rounds of a repeat. */
const oneRepeat = async (
  { round, ordersUrl, bareUrl }: Awaited<ReturnType<typeof prepare>>,
  ms: number,
): Promise<readonly [own: number, bare: number]> => {
  const rates: [number, number][] = []
  for (let turn = 0; turn < roundsPerRepeat; turn += 1) {
    rates.push([perSecond(await round(ordersUrl, ms)), perSecond(await round(bareUrl, ms))])
  }
  return [mean(rates.map(([own]) => own)), mean(rates.map(([, bare]) => bare))]
}

const measure = async (bench: Bench): Promise<Finding> => {
  const setting = await prepare(bench)
  const [own, bare]: [number[], number[]] = [[], []]
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    const [mine, its] = await oneRepeat(setting, bench.quick ? 500 : 1_500)
    own.push(mine)
    bare.push(its)
    bench.say(`repeat ${repeat}: guarded, bare: ${Math.round(mine)}, ${Math.round(its)} per s`)
  }
  return {
    rows: [
      { measure: 'GET /orders behind the guard', unit: 'per s', repeats: own },
      { measure: 'the same Koa route without a guard', unit: 'per s', repeats: bare },
      {
        ...{ measure: 'guarded / bare', unit: '×', repeats: ratios(own, bare) },
        command: 'authenticated GET through the guard (orders), token seen before',
        beside: 'the same Koa route without a guard',
        target: { atLeast: bareShareMin },
      },
    ],
    notes: [
      paragraph(
        `${connections} keep-alive connections, each with the access token of its own session in`,
        'its cookie; the guard has seen all of them before. The bare route is sent the same',
        'cookies, answers the same body and header, and reads neither. Rounds take turns.',
      ),
      paragraph(
        'The guarded route is that of `curfew start`: gateway and projector are in its process,',
        'and closed times come in four times a second.',
      ),
    ],
  }
}

export const ordersGuarded: Scenario = {
  name: 'orders-guarded',
  claim: `A guard costs a Koa route at most a tenth of its requests a second.`,
  needs: [],
  measure,
}
