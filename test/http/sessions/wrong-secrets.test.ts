import { KnownClients, parseServiceClient } from '../../../shared/http/service-clients.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { basic, postForm } from '../../support/worlds/service-desk.ts'

const secret = 'p4rV9sQ2mX7tB1nK6wZ3'
const other = 'q5sW0tR3nY8uC2oL7xA4'
const minuteMs = 60_000
const wrongMax = 30

const sent = (id: string, given: string): string => basic(`${id}:${given}`).authorization

const deskOf = () => {
  const clock = fakeClock()
  const list = [parseServiceClient(`orders:${secret}`), parseServiceClient(`stock:${other}`)]
  const clients = new KnownClients(list, clock)
  const ask = (id: string, given: string, address = '192.0.2.7') =>
    clients.judge(sent(id, given), 'introspect', address).outcome
  const fail = (times: number, address?: string): void => {
    for (let n = 0; n < times; n += 1) ask('orders', `wrong secret number ${n}`, address)
  }
  return { clock, ask, fail }
}

claims('wrong secrets of service clients', {
  // asvs: 2.4.1
  'close their client there, to the right secret too, until the window is over': async () => {
    const { clock, ask, fail } = deskOf()
    fail(wrongMax)
    assert.is(ask('orders', secret), 'limited')
    assert.is(ask('stock', other), 'known')
    await clock.advance(5 * minuteMs)
    assert.is(ask('orders', secret), 'known')
  },

  'close no other address, and an IPv6 household is one': () => {
    const { ask, fail } = deskOf()
    fail(wrongMax, '2001:db8:1:2::1')
    assert.is(ask('orders', secret, '2001:db8:1:2:3::9'), 'limited')
    assert.is(ask('orders', secret, '2001:db8:1:3::1'), 'known')
    assert.is(ask('orders', secret), 'known')
  },

  'do not shut out a client that was right from there before': () => {
    const { ask, fail } = deskOf()
    assert.is(ask('orders', secret), 'known')
    fail(9 * wrongMax)
    assert.is(ask('orders', secret), 'known')
    fail(11 * wrongMax)
    assert.is(ask('orders', secret), 'limited')
  },

  'of ids that nobody configured shut out no client': () => {
    const { ask } = deskOf()
    for (let n = 0; n < 3 * wrongMax; n += 1) ask(`nobody-${n % 5}`, `a guess, number ${n}`)
    assert.is(ask('nobody-1', 'one more guess'), 'limited')
    assert.is(ask('orders', secret), 'known')
  },

  'that are the same again and again count once': () => {
    const { ask } = deskOf()
    for (let n = 0; n < 3 * wrongMax; n += 1) ask('orders', 'an old secret of the client')
    assert.is(ask('orders', secret), 'known')
  },

  'below their number close nothing': () => {
    const { ask, fail } = deskOf()
    fail(wrongMax - 1)
    assert.is(ask('orders', secret), 'known')
  },

  'are answered 429 and when to come again, at every route together': () =>
    inWorld({ env: { CURFEW_SERVICE_CLIENTS: `orders:${secret}` } }, async (world) => {
      for (let n = 0; n < wrongMax; n += 1) {
        const path = n % 2 === 0 ? '/introspect' : '/revoke'
        const answer = await postForm(world, path, { token: 'x' }, basic(`orders:wrong-${n}`))
        assert.is(answer.status, 401)
      }
      const refused = await postForm(
        world,
        '/introspect',
        { token: 'x' },
        basic(`orders:${secret}`),
      )
      assert.is(refused.status, 429)
      assert.is(refused.body['error'], 'temporarily_unavailable')
      assert.ok(Number(refused.headers['retry-after']) > 0)
    }),
})
