import type { AuditIndex, AuditPlace, AuditQuery } from '../../../shared/ports/audit-index.ts'
import type { Jar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import type { World } from '../../support/worlds/gateway-world.ts'
import { inPagedWorld, visit } from '../../support/worlds/paged-world.ts'

type Asked = Readonly<{ queries: readonly AuditQuery[]; asIs: () => void }>

/** An index whose history has no end, for whoever asks on; `before` each page something happens. */
const endless = (index: AuditIndex, before: () => Promise<void> | void = () => {}): Asked => {
  const queries: AuditQuery[] = []
  const { page } = index
  index.page = async (query) => {
    queries.push(query)
    await before()
    const { events } = await page(query)
    const next: AuditPlace = {
      at: (1_000_000 - queries.length) as AuditPlace['at'],
      lane: 0,
      offset: 1,
    }
    return { events, next }
  }
  return { queries, asIs: () => Object.assign(index, { page }) }
}
const placesOf = ({ queries }: Asked): number => queries.reduce((sum, { limit }) => sum + limit, 0)

const signedIn = async (world: World): Promise<Jar> => world.open(await world.addUser())
const isFilled = (world: World): Promise<void> =>
  until('the index is filled', async () => (await world.state.audit.lanes()).length > 0)
const download = (world: World, jar: Jar) => visit(world, '/account/data', { jar })

claims('GET /account of a history without end', {
  'asks the index twice at most, for few events': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signedIn(world)
      await isFilled(world)
      const asked = endless(world.state.audit)
      assert.is((await visit(world, '/account', { jar })).status, 200)
      assert.ok(asked.queries.length <= 2, `${asked.queries.length}`)
      assert.ok(placesOf(asked) <= 200, `${placesOf(asked)}`)
    }),
})

claims('GET /account/data of a history without end', {
  'is JSON that ends somewhere and says so, read in small pages with turns in between': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signedIn(world)
      await isFilled(world)
      let turns = 0
      const turnsSeen: number[] = []
      const asked = endless(world.state.audit, () => {
        turnsSeen.push(turns)
        setImmediate(() => {
          turns += 1
        })
      })
      const { status, text } = await download(world, jar)
      const data = JSON.parse(text) as Record<string, unknown>
      assert.equal([status, data['complete']], [200, false])
      assert.equal(Object.keys(data), ['account', 'sessions', 'events', 'complete'])
      assert.ok(asked.queries.every(({ limit }) => limit <= 200))
      assert.ok(placesOf(asked) <= 20_000)
      assert.equal(
        turnsSeen,
        turnsSeen.map((_, index) => index),
      )
    }),

  'is made once at a time for a user, and twice for a gateway': () =>
    inPagedWorld({}, async (world) => {
      const [jar, second, third] = [
        await signedIn(world),
        await signedIn(world),
        await signedIn(world),
      ]
      await isFilled(world)
      let go = (): void => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      const asked = endless(world.state.audit, () => gate)
      const first = download(world, jar)
      await until('the first is being made', () => asked.queries.length === 1)
      const again = await download(world, jar)
      assert.equal([again.status, again.headers['retry-after']], [429, '5'])
      const other = download(world, second)
      await until('the other one is being made', () => asked.queries.length === 2)
      const tooMany = await download(world, third)
      assert.equal([tooMany.status, tooMany.headers['retry-after']], [503, '5'])
      go()
      for (const { status } of await Promise.all([first, other])) assert.is(status, 200)
      await until('there is room', async () => (await download(world, third)).status === 200)
    }),

  'leaves no place taken by what failed before the first byte': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signedIn(world)
      await isFilled(world)
      const asked = endless(world.state.audit, () => Promise.reject(new Error('no index')))
      assert.is((await download(world, jar)).status, 500)
      asked.asIs()
      await until('there is room', async () => (await download(world, jar)).status === 200)
    }),
})
