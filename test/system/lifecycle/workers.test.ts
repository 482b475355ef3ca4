import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Everything, type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { isAnswered } from '../../support/processes/processes.ts'
import { type Reply, Visitor } from '../../support/requests/visitor.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'

const workers = 3
const callers = 24

/** Pids of the children of a process, on Linux. */
const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === parent)
    .map(Number)

const parentOf = (pid: string): number | null => {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    return Number(rest.split(' ')[1])
  } catch {
    return null // It ended between the two looks.
  }
}

type Scene = Readonly<{ fleet: Fleet; curfew: Everything; metrics: () => Promise<string> }>

const inScene = (prove: (scene: Scene) => Promise<void>): Promise<void> =>
  withFleet(null, async (fleet) => {
    const port = String(await freePort())
    const given = { CURFEW_WORKERS: String(workers), CURFEW_METRICS_PORT: port }
    const curfew = await fleet.everything(given)
    const metrics = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    await prove({ fleet, curfew, metrics })
  })

/** Each on a connection of its own, so that they reach different workers. */
const closing = { connection: 'close' }

const refreshAt = (visitor: Visitor, url: string): Promise<Reply> =>
  visitor.post(`${url}/refresh`, undefined, closing)

/** The workers that counted something whose line begins so. */
const workersWith = (text: string, beginning: string): readonly string[] => {
  const lines = text.split('\n').filter((line) => line.startsWith(beginning))
  const found = lines.map((line) => /worker="(\d+)"/.exec(line)?.[1] ?? '')
  return [...new Set(found)].sort()
}

const allReady = (text: string): boolean =>
  ['ready', 'degraded'].every((part) =>
    text.includes(`curfew_part_${part}{part="workers",worker="0"} ${part === 'ready' ? 1 : 0}`),
  )

const oneSuccessor =
  ({ fleet, curfew, metrics }: Scene) =>
  async (): Promise<void> => {
    const user = await fleet.addUser('alice')
    for (let round = 0; round < 10; round += 1) {
      const visitor = new Visitor(fleet)
      await visitor.login(curfew.url, user)
      const copies = Array.from({ length: callers }, () => visitor.copy())
      const answers = await race(callers, (index) =>
        refreshAt(copies[index] ?? visitor, curfew.url),
      )
      assert.equal([...new Set(answers.map(({ status }) => status))], [200])
      const successors = new Set(copies.map(({ refreshId }) => refreshId))
      assert.is(successors.size, 1, 'all have the one successor')
      const thief = copies[0]?.copy() ?? visitor
      await until('the guard accepts', async () => (await thief.asks(curfew.ordersUrl)) === 200)
      assert.is((await visitor.post(`${curfew.url}/logout`, undefined, closing)).status, 200)
      await until('the guard refuses', async () => (await thief.asks(curfew.ordersUrl)) === 401)
      assert.is((await refreshAt(thief, curfew.url)).status, 401)
    }
    const text = await metrics()
    assert.equal(workersWith(text, 'curfew_http_requests_total'), ['1', '2', '3'])
    assert.is(text.match(/^# TYPE curfew_part_ready /gm)?.length, 1)
  }

const survivesAWorker = async ({ fleet, curfew, metrics }: Scene): Promise<void> => {
  const user = await fleet.addUser('alice')
  const visitor = new Visitor(fleet)
  await visitor.login(curfew.url, user)
  for (const pid of childrenOf(curfew.pid).slice(0, workers - 1)) process.kill(pid, 'SIGKILL')
  // A connection that is handed over in the very instant of a kill is lost with the worker.
  await until(
    'it is seen',
    () => curfew.output().match(/a worker ended and is started anew/g)?.length === workers - 1,
  )
  assert.is((await visitor.get(`${curfew.url}/me`, closing)).status, 200)
  await until('all workers are ready again', async () => allReady(await metrics()))
  assert.is(childrenOf(curfew.pid).length >= workers, true)
  assert.match(curfew.output(), /worker \d ended with SIGKILL/)
  assert.is((await refreshAt(visitor, curfew.url)).status, 200)
}

/** As many wrong passwords as one process allows, whichever worker is asked. */
const guessesMax = 10

const oneLimit = async ({ fleet, curfew, metrics }: Scene): Promise<void> => {
  const { username } = await fleet.addUser('alice')
  const body = { username, password: 'a wrong one' }
  const answers = await race(3 * guessesMax, () =>
    new Visitor(fleet).post(`${curfew.url}/login`, body, closing),
  )
  const counted = (wanted: number): number =>
    answers.filter(({ status }) => status === wanted).length
  assert.is(counted(401), guessesMax)
  assert.is(counted(429), 2 * guessesMax)
  const asked = workersWith(await metrics(), 'curfew_http_requests_total')
  assert.equal(asked, ['1', '2', '3'])
}

/** Whatever the settings say by then, a worker that is started anew has those of the first. */
const keepsItsSettings = (): Promise<void> =>
  withFleet(null, async (fleet) => {
    const file = join(fleet.dir, 'settings.json')
    writeFileSync(file, JSON.stringify({ WORKERS: workers }))
    const [port, metricsPort] = [String(await freePort()), String(await freePort())]
    const url = `http://127.0.0.1:${port}`
    const ordersPort = String(await freePort())
    const given = { CURFEW_PORT: port, CURFEW_METRICS_PORT: metricsPort }
    const curfew = fleet.command(['--config', file, 'start'], {
      ...given,
      CURFEW_ORDERS_PORT: ordersPort,
    })
    await until('it is ready', () => curfew.output().includes('curfew is ready'))
    const text = JSON.stringify({ WORKERS: 1, DATA_DIR: join(fleet.dir, 'another'), PORT: 1 })
    writeFileSync(file, text)
    for (const pid of childrenOf(curfew.pid)) process.kill(pid, 'SIGKILL')
    const user = await fleet.addUser('alice')
    const metrics = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    await until('all workers are ready again', async () => allReady(await metrics()))
    for (let turn = 0; turn < 2 * workers; turn += 1) {
      const reply = await new Visitor(fleet).post(`${url}/login`, user, closing)
      assert.is(reply.status, 200)
    }
    assert.equal(await curfew.stop(), { code: 0, signal: null })
  })

const endsWhole = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> =>
  inScene(async ({ fleet, curfew }) => {
    const user = await fleet.addUser('alice')
    const pids = childrenOf(curfew.pid)
    const logins = race(6, () => new Visitor(fleet).post(`${curfew.url}/login`, user))
    if (signal === 'SIGTERM') {
      const first = await Promise.race([
        logins.then(() => null),
        new Visitor(fleet).get(curfew.url),
      ])
      assert.ok(first)
      assert.equal(await curfew.stop(), { code: 0, signal: null })
      for (const { status } of await logins) assert.is(status, 200)
    } else {
      logins.catch(() => {}) // Nobody answers them.
      await curfew.kill9()
    }
    const isRunning = (pid: number): boolean => parentOf(String(pid)) !== null
    await until('no worker is left', () => !pids.some(isRunning))
    assert.is(await isAnswered(curfew.url), false)
  })

const takenPort = (): Promise<void> =>
  withFleet(null, async (fleet) => {
    const port = String(await freePort())
    await fleet.gateway({ CURFEW_PORT: port })
    const given = { CURFEW_PORT: port, CURFEW_ORDERS_PORT: String(await freePort()) }
    const second = fleet.command(['start', '--workers', '2'], given)
    const { code } = await second.ended
    assert.is(code, 1)
    const told = second.output().match(new RegExp(`CONFIG_INVALID: port ${port} .* is taken`, 'g'))
    assert.is(told?.length, 1, second.output())
  })

const badCounts = (): Promise<void> =>
  withFleet(null, async (fleet) => {
    for (const count of ['0', '-1', '65', '1.5', 'many', '']) {
      const started = fleet.command(['start', `--workers=${count}`])
      const { code } = await started.ended
      assert.is(code, 1, `--workers=${count}`)
      assert.match(started.output(), /CONFIG_INVALID(?:.|\n)*CURFEW_WORKERS/)
    }
  })

/** Only the first process keeps the trail. */
const tellsOfTheTrail = async ({ fleet, curfew, metrics }: Scene): Promise<void> => {
  const trailAt = async (): Promise<unknown> => {
    const { body } = await new Visitor(fleet).get(`${curfew.url}/readyz`, closing)
    return (body as { parts: Readonly<Record<string, string>> }).parts['trail']
  }
  await until('each worker was told', async () => {
    const told = await race(8 * workers, trailAt)
    return told.every((state) => state === 'ok')
  })
  const parts = workersWith(await metrics(), 'curfew_part_ready{part="trail"')
  assert.equal(parts, ['0', '1', '2', '3'])
}

claims('curfew start with several workers', {
  'each worker says how the trail is': () => inScene(tellsOfTheTrail),
  'one token that is refreshed at all of them at once has one successor, and its end is one': () =>
    inScene((scene) => oneSuccessor(scene)()),
  'guesses of a password are counted together': () => inScene(oneLimit),
  'a worker that is killed is started anew, and the others serve': () => inScene(survivesAWorker),
  'a worker that is started anew has the settings of the first process': keepsItsSettings,
  'SIGTERM answers what is in flight, ends all workers, and ends with 0': () =>
    endsWhole('SIGTERM'),
  'no worker outlives a first process that was killed': () => endsWhole('SIGKILL'),
  'a taken port is told once, and ends the start': takenPort,
  'a wrong number of workers is refused by name': badCounts,
})
