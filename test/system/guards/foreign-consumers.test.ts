import { execFile } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { MongoClient } from 'mongodb'
import { namedBlock } from '../../support/documents/code-blocks.ts'
import { ledText } from '../../support/documents/led-text.ts'
import {
  type Consumer,
  consumerPython,
  startConsumer,
} from '../../support/kafka/foreign-consumer.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type User, withFleet } from '../../support/processes/fleet.ts'
import { findTool } from '../../support/processes/tools.ts'
import { projectRoot } from '../../support/project-files.ts'
import { posted } from '../../support/requests/posted.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { newDataFolder, run } from '../../support/servers/server-process.ts'
import { shiftedBy } from '../../support/storm/faked-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { basic } from '../../support/worlds/service-desk.ts'

const databaseUrl = (url = '', name = ''): string =>
  url.includes('/?') ? url.replace('/?', `/${name}?`) : `${url}/${name}`

type Pair = Readonly<{ access: string; refresh: string }>

const post = async (url: string, body: object, headers: Record<string, string> = {}) => {
  const answer = await posted(url, body, headers)
  return { body: await answer.json(), position: answer.headers.get('revocation-position') ?? '' }
}

const obtain = async (fleet: Fleet, gateway: Member, user: User): Promise<Pair> => {
  const { body } = await post(`${gateway.url}/api/token/`, user)
  const pair = body as Pair
  for (const token of Object.values(pair)) fleet.keepSecret(token)
  return pair
}

type Running = Readonly<{ fleet: Fleet; gateway: Member; user: User }>

const found = await findScale()

const atScale = async (prove: (running: Running) => Promise<void>): Promise<void> => {
  if ('missing' in found) return notRun('foreign consumers', found.missing)
  await withFleet(found.scale, async (fleet) => {
    const gateway = await fleet.gateway()
    await fleet.projector()
    await prove({ fleet, gateway, user: await fleet.addUser('alice') })
  })
}

/** Both are nearly as wrong as clocks may be. */
const clocksS = [-0.9, 0.9]
type InPython = Running & Readonly<{ consumer: Consumer }>

const inPython = async (prove: (running: InPython) => Promise<void>): Promise<void> => {
  const python = await consumerPython('PyJWT and pymongo as foreign consumers')
  if (python === null) return
  await atScale(async (running) => {
    const { env } = running.fleet
    for (const clockS of clocksS) {
      const consumer = await startConsumer({
        python,
        mongoUrl: env['CURFEW_MONGODB_URL'] ?? '',
        database: env['CURFEW_MONGODB_DATABASE'] ?? '',
        issuer: env['CURFEW_PUBLIC_URL'] ?? '',
        gatewayUrl: running.gateway.url,
        clockS,
      })
      try {
        await prove({ ...running, consumer })
      } finally {
        await consumer.close()
      }
    }
  })
}

const serviceOf = ({ service }: Fleet) => basic(`${service.id}:${service.secret}`)

const acceptsByTheKeySet = async ({ consumer }: InPython, { access, refresh }: Pair) => {
  assert.is((await consumer.ask({ token: access })).refused, undefined, 'a token of just now')
  await until('the view is fresh', async () => {
    return (await consumer.ask({ token: access })).standing === 'live'
  })
  assert.is((await consumer.ask({ token: access })).sub, payloadOf(access).sub)
  assert.ok((await consumer.ask({ token: refresh })).refused)
  const [head, , signature] = access.split('.')
  const forged = Buffer.from(JSON.stringify({ ...payloadOf(access), sub: 'admin' }))
  const token = [head, forged.toString('base64url'), signature].join('.')
  assert.is((await consumer.ask({ token })).refused, 'InvalidSignatureError')
}

const seesLogout = async ({ gateway, consumer }: InPython, gone: Pair, kept: Pair) => {
  const ended = await post(`${gateway.url}/api/token/blacklist/`, { refresh: gone.refresh })
  const minimum = ended.position
  assert.match(minimum, /^[0-9a-f]{32}:\d+$/)
  const answers: string[] = []
  await until('the view has the position', async () => {
    const { standing = '' } = await consumer.ask({ token: kept.access, minimum })
    answers.push(standing)
    return standing === 'live'
  })
  assert.ok(answers.slice(0, -1).every((standing) => standing === 'stale'))
  // From here on the collection must know the logout: its position was proved.
  assert.is((await consumer.ask({ token: gone.access, minimum })).standing, 'dead')
  const [logId = ''] = minimum.split(':')
  for (const unreached of [`${logId}:999999999`, `${'f'.repeat(32)}:0`]) {
    const { standing } = await consumer.ask({ token: kept.access, minimum: unreached })
    assert.is(standing, 'stale', unreached)
  }
  assert.is((await consumer.ask({ token: kept.access, minimum: 't:1' })).standing, 'live')
  assert.is((await consumer.ask({ token: kept.access, laterMs: 60_000 })).standing, 'stale')
  assert.is((await consumer.ask({ token: gone.access, laterMs: 60_000 })).standing, 'dead')
}

const seesCutoff = async ({ fleet, gateway, user, consumer }: InPython, before: Pair) => {
  const body = { scope: 'subject', id: payloadOf(before.access).sub }
  const ended = await post(`${gateway.url}/revocations`, body, serviceOf(fleet))
  const after = await obtain(fleet, gateway, user)
  await until('the view has the position', async () => {
    const question = { token: after.access, minimum: ended.position }
    return (await consumer.ask(question)).standing === 'live'
  })
  assert.is((await consumer.ask({ token: before.access })).standing, 'dead')
}

const script = `
import { openBlacklist, standing } from './page.mjs'
const blacklist = openBlacklist(process.argv[2])
console.log(await standing(blacklist, JSON.parse(process.argv[3])))
process.exit()
`

/** What the block for Node says of a token, in a process of its own with another clock. */
const inNode = async (fleet: Fleet, token: string, clockS: number): Promise<string> => {
  const dir = newDataFolder('node-consumer')
  await symlink(join(projectRoot, 'node_modules'), join(dir, 'node_modules'))
  await writeFile(join(dir, 'page.mjs'), namedBlock('docs/blacklist.md', 'node-standing'))
  await writeFile(join(dir, 'ask.mjs'), script)
  const url = databaseUrl(fleet.env['CURFEW_MONGODB_URL'], fleet.env['CURFEW_MONGODB_DATABASE'])
  const args = [join(dir, 'ask.mjs'), url, JSON.stringify(payloadOf(token))]
  const env = { ...process.env, ...shiftedBy(clockS) }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 })
  return stdout.trim()
}

/** What a shell of MongoDB prints of the page's query: it gives statements `db`, and waits. */
const inShell = async (fleet: Fleet, token: string): Promise<unknown> => {
  const url = databaseUrl(fleet.env['CURFEW_MONGODB_URL'], fleet.env['CURFEW_MONGODB_DATABASE'])
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 })
  const db = new Proxy({}, { get: (_, name) => client.db().collection(String(name)) })
  const { jti, sid, sub, client_id, epoch } = payloadOf(token)
  try {
    const given = createContext({ db, jti, sid, sub, client_id, epoch })
    return await runInContext(namedBlock('docs/blacklist.md', 'mongosh'), given)
  } finally {
    await client.close()
  }
}

claims('a consumer in Node, with the code of docs/blacklist.md', {
  'sees a logout, by clocks that are behind and ahead': () =>
    atScale(async ({ fleet, gateway, user }) => {
      const [gone, kept] = [await obtain(fleet, gateway, user), await obtain(fleet, gateway, user)]
      await post(`${gateway.url}/api/token/blacklist/`, { refresh: gone.refresh })
      for (const clockS of clocksS) {
        await until('the view says both', async () => {
          const said = [gone, kept].map(({ access }) => inNode(fleet, access, clockS))
          return (await Promise.all(said)).join() === 'dead,live'
        })
      }
      assert.is.not(await inShell(fleet, gone.access), null, 'the query for a shell')
      assert.is(await inShell(fleet, kept.access), null, 'the query for a shell')
      const sub = payloadOf(kept.access).sub
      await post(`${gateway.url}/revocations`, { scope: 'subject', id: sub }, serviceOf(fleet))
      const cut = async () => (await inShell(fleet, kept.access)) as { _id: string } | null
      await until('the query for a shell says so', async () => (await cut()) !== null)
      assert.is((await cut())?._id, `sub:${sub}`)
      const after = await obtain(fleet, gateway, user)
      assert.is(await inShell(fleet, after.access), null, 'born after the cutoff')
    }),
})

claims('a consumer in Python, with the code of docs/blacklist.md', {
  'takes access tokens by the key set, and sees a logout and the end of all of a user': () =>
    inPython(async (running) => {
      const { fleet, gateway, user } = running
      const [gone, kept] = [await obtain(fleet, gateway, user), await obtain(fleet, gateway, user)]
      await acceptsByTheKeySet(running, gone)
      await seesLogout(running, gone, kept)
      await seesCutoff(running, kept)
    }),
})

type KcatRecord = Readonly<{ headers: Map<string, string>; key: string; value: { key: string } }>

/** kcat knows nothing of Curfew: headers, key and value of every record of a topic. */
const readAll = async (fleet: Fleet, topic: string): Promise<KcatRecord[]> => {
  const line = ledText(namedBlock('docs/doors.md', 'kcat'), {
    'localhost:9092': fleet.env['CURFEW_KAFKA_BROKERS'] ?? '',
    'auth.events': `${fleet.env['CURFEW_KAFKA_TOPIC_PREFIX']}${topic}`,
  })
  const out = await run('sh', ['-ec', `exec ${line}`], 90_000)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [headers = '', key = '', value = ''] = line.split('\t')
      const pairs = headers.split(',').map((pair) => {
        const at = pair.indexOf('=')
        return [pair.slice(0, at), pair.slice(at + 1)] as const
      })
      return { headers: new Map(pairs), key, value: JSON.parse(value) as { key: string } }
    })
}

claims('kcat', {
  'reads a logout from the log: CloudEvents in binary mode, keyed by the user': async () => {
    if ((await findTool('kcat', 'kcat as a foreign consumer of the log')) === null) return
    await atScale(async ({ fleet, gateway, user }) => {
      const { access, refresh } = await obtain(fleet, gateway, user)
      const { sid, sub } = payloadOf(access)
      await post(`${gateway.url}/api/token/blacklist/`, { refresh })
      const typed = (records: KcatRecord[], type: string) =>
        records.filter(({ headers }) => headers.get('ce_type') === type)
      const events = await readAll(fleet, 'auth.events')
      const [ended] = typed(events, 'curfew.TokenRevoked')
      assert.is(ended?.key, sub)
      assert.is(ended?.headers.get('ce_specversion'), '1.0')
      assert.is(ended?.headers.get('ce_id'), `s/${sid}:1:0`)
      assert.is(ended?.headers.get('ce_subject'), sub)
      assert.is(ended?.headers.get('content-type'), 'application/json')
      assert.is(ended?.value.key, `sid:${sid}`)
      assert.is(typed(events, 'curfew.TokenIssued').length, 2)
      const revocations = await readAll(fleet, 'auth.revocations')
      const [revoked] = typed(revocations, 'curfew.Revocation')
      assert.is(revoked?.value.key, `sid:${sid}`)
      assert.is(revoked?.headers.get('ce_id'), ended?.headers.get('ce_id'))
      assert.ok(typed(revocations, 'curfew.ClosedTime').length > 0)
    })
  },
})
