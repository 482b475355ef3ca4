import { join } from 'node:path'
import type { BareArgon2Plan, BareArgon2Result } from '../baseline/bare-argon2.ts'
import type { RequestLoad, Sending } from '../load/request-load.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { mean, ratios } from '../statistics.ts'
import { addUser } from '../support/add-user.ts'
import { startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openRequestLoad, perSecond } from '../support/request-rounds.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker } from '../support/worker.ts'

/** More than the threads of libuv, so that all of them always have work. */
const callers = 8
const bareShareMin = 0.95
/** Short and in turns: a ratio near 1 wants both sides at the same minute. */
const turnsPerRepeat = 4

/** A user for each connection: at one account, guesses at the same moment are few by its limit. */
const openUsers = async (settings: Readonly<Record<string, string>>): Promise<Sending[]> => {
  const sendings: Sending[] = []
  for (let index = 0; index < callers; index += 1) {
    const username = `bench-${index}`
    const password = await addUser(settings, username)
    const text = JSON.stringify({ username, password })
    sendings.push({ cookie: '', content: { type: 'application/json', text } })
  }
  return sendings
}

const prepare = async ({ parts, say }: Bench) => {
  const folder = await parts.use(tempFolder())
  const curfew = await startEmbedded(parts, join(folder.path, 'data'))
  await curfew.process.readyAt(curfew.gatewayUrl)
  say(`adding ${callers} users`)
  const sendings = await openUsers(curfew.settings)
  const load = await openRequestLoad(parts)
  const worker = '../baseline/bare-argon2.ts'
  const bare = await parts.use(openWorker<BareArgon2Plan, BareArgon2Result>(worker))
  const url = curfew.gatewayUrl
  const logins = async (ms: number): Promise<number> => {
    const request: RequestLoad = {
      ...{ url, method: 'POST', path: '/login', sendings, connections: callers, plan: { ms } },
    }
    return perSecond(await load.ask(request))
  }
  const verifications = async (ms: number): Promise<number> => {
    const password = 'correct horse battery'
    const { verified, elapsedMs } = await bare.ask({ password, callers, ms })
    return (verified / elapsedMs) * 1_000
  }
  return { logins, verifications }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { logins, verifications } = await prepare(bench)
  const ms = bench.quick ? 500 : 2_000
  await logins(1_000)
  await verifications(1_000)
  const [own, bare]: [number[], number[]] = [[], []]
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    const turns: [logins: number, verifications: number][] = []
    while (turns.length < turnsPerRepeat) turns.push([await logins(ms), await verifications(ms)])
    own.push(mean(turns.map(([side]) => side)))
    bare.push(mean(turns.map(([, side]) => side)))
    const told = [own, bare].map((all) => all.at(-1)?.toFixed(1)).join(', ')
    bench.say(`repeat ${repeat}: logins, bare verifications: ${told} per s`)
  }
  return {
    rows: [
      { measure: 'Curfew: logins', unit: 'per s', repeats: own },
      { measure: 'bare argon2id: verifications', unit: 'per s', repeats: bare },
      {
        ...{ measure: 'logins / verifications', unit: '×', repeats: ratios(own, bare) },
        command: 'login',
        beside: 'bare argon2id, same cost, same threads',
        target: { atLeast: bareShareMin },
      },
    ],
    notes: [
      paragraph(
        `${callers} connections, each with a user of its own, whose address is known by then;`,
        'every login opens a session, durably. Bare is `verify` of @node-rs/argon2 against a',
        `hash of the same cost, by ${callers} callers in one process. Both have the four`,
        'threads of libuv.',
      ),
    ],
  }
}

export const login: Scenario = {
  name: 'login',
  claim: 'A login costs what its password hash costs, and a twentieth more at most.',
  needs: [],
  measure,
}
