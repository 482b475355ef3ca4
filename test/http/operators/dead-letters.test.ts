import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,other:${secret}-2:revoke+users` }
const basic = (id: string, of: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${of}`).toString('base64')}`,
})
const auditor = basic('auditor', secret)

type Letter = Readonly<{
  offset: number
  lay_at: string
  problem: string | null
  bytes: number | null
  value: string
}>
type Body = Readonly<{ letters: readonly Letter[]; next: string | null }>

const ask = (world: World, path: string, headers: Readonly<Record<string, string>> = auditor) =>
  world.send(path, newJar(), { method: 'GET', headers })
const page = async (world: World, query = ''): Promise<Body> =>
  (await ask(world, `/dead-letters${query}`)).body as Body

const aRecord = (offset: number, value: string): RawRecord => ({
  ...{ topic: 'auth.events', partition: 0, offset, key: 'k', headers: { ce_type: 'x' } },
  value: Buffer.from(value),
})
const park = (world: World, offset: number, value: string) =>
  world.state.log.publish([encodeDeadLetter(aRecord(offset, value), 'unknown event type')])

claims('GET /dead-letters', {
  'shows parked records, the newest first, page by page, with why and where they lay': () =>
    inWorld({ env }, async (world) => {
      assert.equal(await page(world), { letters: [], next: null })
      for (const offset of [3, 5, 8]) await park(world, offset, `<b>${offset}</b>`)
      const first = await page(world, '?limit=2')
      assert.equal(
        first.letters.map(({ lay_at, problem, bytes }) => [lay_at, problem, bytes]),
        [
          ['auth.events/0/8', 'unknown event type', 8],
          ['auth.events/0/5', 'unknown event type', 8],
        ],
      )
      const rest = await page(world, `?limit=2&after=${first.next}`)
      assert.equal(
        [rest.letters.map(({ lay_at }) => lay_at), rest.next],
        [['auth.events/0/3'], null],
      )
    }),

  'shows one whole, and of a list the beginning of each': () =>
    inWorld({ env }, async (world) => {
      const value = 'a'.repeat(5_000)
      await park(world, 1, value)
      const [short] = (await page(world)).letters
      assert.equal(Buffer.from(short?.value ?? '', 'base64').toString(), value.slice(0, 768))
      const one = await ask(world, `/dead-letters/${short?.offset}`)
      assert.equal(Buffer.from((one.body as Letter).value, 'base64').toString(), value)
      for (const offset of ['1', 'x', '-1', '99999999999999999999']) {
        assert.is((await ask(world, `/dead-letters/${offset}`)).status, 404, offset)
      }
    }),

  'is for auditors and administrators alone': () =>
    inWorld({ env }, async (world) => {
      const statusAs = async (roles: readonly string[]) => {
        const user = aUser({ roles: [...roles] })
        await world.state.directory.create(user)
        const jar = await world.open(user)
        return (await world.send('/dead-letters', jar, { method: 'GET' })).status
      }
      assert.equal(
        [await statusAs([]), await statusAs(['audit']), await statusAs(['admin'])],
        [403, 200, 200],
      )
      assert.is((await ask(world, '/dead-letters', basic('other', `${secret}-2`))).status, 403)
      assert.is((await ask(world, '/dead-letters?after=x')).status, 400)
    }),
})
