import { replacing } from '../../support/fakes/faulty-stores.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, openWorld, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import {
  env,
  logOut,
  poll,
  polled,
  sharedKeys,
  sidIn,
  siem,
  subscribePolling,
} from '../../support/worlds/ssf-desk.ts'
import { json, rawRequest } from '../raw-request.ts'

const keys = await sharedKeys()

claims('SSF poll, by odd clients', {
  'a poll whose client left before it was read ends no wait of a newer one': () => {
    let held = 0
    let open: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const wrap: WorldOptions['wrap'] = (ports) => ({
      ...ports,
      receivers: replacing(ports.receivers, {
        get: async (id) => {
          held += 1
          if (held === 1) await gate
          return ports.receivers.get(id)
        },
      }),
    })
    return inWorld({ env, keys, wrap }, async (world) => {
      const id = await subscribePolling(world)
      const left = new AbortController()
      const url = `${world.url}/ssf/poll/${id}`
      const asking = { method: 'POST', headers: { ...json, ...siem }, body: '{}' }
      const older = fetch(url, { ...asking, signal: left.signal }).catch(() => null)
      await until('it asks whose stream it is', () => held === 1)
      const newer = poll(world, id, { returnImmediately: false })
      const looked = async (): Promise<void> => {
        const enough = held + 2
        await until('the newer one looks again', () => held >= enough)
      }
      await looked()
      left.abort()
      await older
      await looked()
      open()
      await looked()
      const sid = await logOut(world)
      assert.equal(Object.values((await newer).sets).map(sidIn), [sid])
    })
  },

  'a poll that waits when the gateway stops is answered, and not cut': async () => {
    const world = await openWorld({ env, keys })
    const id = await subscribePolling(world)
    const polls = [1, 2].map(() => poll(world, id, { returnImmediately: false }))
    // The one that did not end waits for sure.
    await Promise.race(polls)
    await world.close()
    const none = { sets: {}, moreAvailable: false }
    assert.equal(await Promise.all(polls), [none, none])
  },

  'what is odd in a poll is passed over: nothing, twice, made up, or a prototype': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      await logOut(world)
      const [jti = ''] = Object.keys(await polled(world, id, 1))
      const sent = (body: string) =>
        rawRequest(`${world.url}/ssf/poll/${id}`, { headers: { ...json, ...siem }, body })
      const odd = [
        '{"returnImmediately":true,"setErrs":{"__proto__":{"err":"x"},"constructor":{"err":"x"}}}',
        '{"returnImmediately":true,"ack":["__proto__","","made up"],"maxEvents":9007199254740991}',
      ]
      for (const body of odd) {
        const { status, body: answer } = await sent(body)
        assert.equal([status, Object.keys(Object(answer['sets']))], [200, [jti]], body)
      }
      assert.is((await world.state.receivers.get(id))?.refused, 0)
      assert.is((await sent('{"maxEvents":1e300}')).status, 400)
      const setErrs = { [jti]: { err: 'x\ny' } }
      assert.equal(Object.keys((await poll(world, id, { ack: [jti, jti], setErrs })).sets), [])
      assert.is((await world.state.receivers.get(id))?.refused, 1)
    }),
})
