import {
  MessageParser,
  type StreamMessage,
} from '../../services/console/browser/model/message-parser.ts'
import { arrivedOf, arrivedText } from '../../services/gateway/audit/index.ts'
import { watchReader } from '../../services/gateway/audit/routes/audit-tail-handler.ts'
import { TailReaders } from '../../services/gateway/audit/tail-readers.ts'
import { AuthError, isAuthError } from '../../shared/kernel/errors.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { cookieHeader, type Jar } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit` }
const authorization = `Basic ${Buffer.from(`auditor:${secret}`).toString('base64')}`

type Heard = Readonly<{
  status: number
  messages: StreamMessage[]
  /** The types of all events so far. */
  types: () => string[]
  lastId: () => string
  isOver: () => boolean
  leave: () => void
}>

/** Somebody who follows the events. */
const follow = async (
  world: World,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Heard> => {
  const gone = new AbortController()
  const answer = await fetch(`${world.url}${path}`, { headers, signal: gone.signal })
  const messages: StreamMessage[] = []
  let over = false
  const parser = new MessageParser((message) => messages.push(message))
  const reading = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const bytes of answer.body ?? []) parser.feed(decoder.decode(bytes))
  }
  void reading()
    .catch(() => {})
    .finally(() => {
      over = true
    })
  const events = (): readonly { type: string }[] =>
    messages
      .filter(({ type }) => type === 'events')
      .flatMap(({ data }) => (JSON.parse(data) as { events: { type: string }[] }).events)
  return {
    status: answer.status,
    messages,
    types: () => events().map(({ type }) => type),
    lastId: () => messages.findLast(({ id }) => id !== null)?.id ?? '',
    isOver: () => over,
    leave: () => gone.abort(),
  }
}

const filled = (world: World): Promise<void> =>
  until('the index is there', async () => {
    const { audit } = world.rooms
    return (await audit.index.lanes()).length > 0
  })

const auditorJar = async (world: World): Promise<Jar> => {
  const user = await world.addUser()
  await world.state.directory.change(user.sub, { roles: ['audit'] })
  return world.open(user)
}

claims('GET /audit/tail', {
  'tells what comes to a filter, and goes on behind the last id without a gap': () =>
    inIndexedWorld({ env }, async (world) => {
      await filled(world)
      const [user, other] = [await world.addUser(), await world.addUser()]
      const path = `/audit/tail?user=${user.username}`
      const first = await follow(world, path, { authorization })
      assert.is(first.status, 200)
      await world.open(other)
      await world.open(user)
      await until('the login is told', () => first.types().length >= 2)
      assert.equal(first.types(), ['TokenIssued', 'TokenIssued'])
      const id = first.lastId()
      first.leave()
      await world.open(user)
      const again = await follow(world, path, { authorization, 'last-event-id': id })
      await until('what came meanwhile is told', () => again.types().length >= 2)
      assert.is(again.types().length, 2)
      const anew = await follow(world, `${path}&after=${id}`, { authorization })
      await until('the parameter does the same', () => anew.types().length >= 2)
      for (const one of [again, anew]) one.leave()
    }),

  'ends when the session of its reader ends, and tells nothing that comes after': () =>
    inIndexedWorld({ env }, async (world) => {
      await filled(world)
      const jar = await auditorJar(world)
      const tail = await follow(world, '/audit/tail?kind=LoginFailed', cookieHeader(jar))
      assert.is(tail.status, 200)
      await world.logout(jar)
      await world.login(new Map(), 'nobody', 'no password')
      await until('it is over', tail.isOver)
      assert.is(tail.messages.at(-1)?.type, 'end')
      assert.match(tail.messages.at(-1)?.data ?? '', 'token_not_valid')
      assert.equal(tail.types(), [])
    }),

  'ends when its reader loses the role, and when the gateway stops': () =>
    inIndexedWorld({ env }, async (world) => {
      await filled(world)
      const user = await world.addUser()
      await world.state.directory.change(user.sub, { roles: ['audit'] })
      const jar = await world.open(user)
      const tail = await follow(world, '/audit/tail', cookieHeader(jar))
      await world.state.directory.change(user.sub, { roles: [] })
      await until('it is over', tail.isOver)
      assert.match(tail.messages.at(-1)?.data ?? '', 'forbidden')
      const service = await follow(world, '/audit/tail', { authorization })
      await world.gateway.polls.close()
      await until('the gateway ended it', service.isOver)
      assert.is((await follow(world, '/audit/tail', { authorization })).status, 503)
    }),

  'is for auditors, and takes no parameter and no cursor that is none': () =>
    inIndexedWorld({ env }, async (world) => {
      await filled(world)
      const statusOf = async (path: string, headers: Readonly<Record<string, string>>) => {
        const { status, leave } = await follow(world, path, headers)
        leave()
        return status
      }
      const stranger = cookieHeader(await world.open(await world.addUser()))
      assert.is(await statusOf('/audit/tail', {}), 401)
      assert.is(await statusOf('/audit/tail', stranger), 403)
      for (const query of ['limit=3', 'order=newest', 'after=x', 'kind=No', 'after=1.2.3']) {
        assert.is(await statusOf(`/audit/tail?${query}`, { authorization }), 400, query)
      }
      assert.is(await statusOf('/audit/tail?user=nobody', { authorization }), 404)
    }),

  'lets in so many, so many of one, and who leaves makes room': () => {
    const tails = new TailReaders(3, 2)
    const refuses = (reader: string, said: string): void => {
      try {
        tails.enter(reader)
        assert.unreachable()
      } catch (error) {
        assert.ok(isAuthError(error, 'OVERLOADED'))
        assert.match(error.message, said)
      }
    }
    const leave = tails.enter('user:a')
    tails.enter('user:a')
    refuses('user:a', 'as often as you may')
    const other = tails.enter('user:b')
    refuses('user:c', 'As many readers')
    leave()
    leave()
    tails.enter('user:a')
    refuses('user:c', 'As many readers')
    other()
    tails.enter('user:c')
  },

  'takes back what a reader does not take once the session ended, and cuts one that stalls':
    async () => {
      const drawn = { isStalled: [false, true], isRefused: [false, true], leaves: [false, true] }
      for (const isStalled of drawn.isStalled) {
        for (const isRefused of drawn.isRefused) {
          for (const leaves of drawn.leaves) {
            const [clock, gone] = [fakeClock(), new AbortController()]
            let cutAt: number | null = null
            const beganMs = clock.monotonicMs()
            const refusal = watchReader({
              stillMayRead: async () => {
                if (isRefused) throw new AuthError('NOT_AUTHENTICATED', 'it ended')
              },
              response: { writableNeedDrain: isStalled },
              cut: () => {
                cutAt = clock.monotonicMs() - beganMs
                gone.abort()
              },
              ...{ clock, gone: gone.signal },
            })
            if (leaves) gone.abort()
            await clock.advance(30_000)
            const expected = isRefused ? (isStalled ? 500 : 1_500) : isStalled ? 10_000 : null
            assert.is(cutAt, leaves ? null : expected, JSON.stringify({ isStalled, isRefused }))
            if (!leaves) assert.is(refusal() !== null, isRefused)
            gone.abort()
          }
        }
      }
    },

  'those that catch up look one after another, and leave as much time to others': async () => {
    const [clock, tails] = [fakeClock(), new TailReaders()]
    const looks: [began: number, ended: number][] = []
    const look = (tookMs: number) => async (): Promise<void> => {
      const began = clock.monotonicMs()
      await clock.sleep(tookMs)
      looks.push([began, clock.monotonicMs()])
    }
    const began = clock.monotonicMs()
    const all = Promise.all([30, 10, 20].map((ms) => tails.inTurn(clock, look(ms))))
    const failing = tails
      .inTurn(clock, () => Promise.reject(new Error('no')))
      .then(
        () => 'done',
        (error: Error) => error.message,
      )
    const last = tails.inTurn(clock, look(5))
    await clock.advance(1_000)
    await all
    assert.is(await failing, 'no')
    await last
    assert.equal(
      looks.map(([from, to]) => [from - began, to - began]),
      [
        [0, 30],
        [60, 70],
        [80, 100],
        [120, 125],
      ],
    )
  },

  'a cursor is read as it was written, and nothing else is one': () => {
    const arrived = new Map([
      [0, 12],
      [3, 0],
    ])
    assert.equal(arrivedOf(arrivedText(arrived)), arrived)
    for (const text of ['', '1', '1.2-', '-1.2', '1.2.3', 'a.b', '1.2 ', '9'.repeat(7_000)]) {
      assert.is(arrivedOf(text), null, text)
    }
  },
})
