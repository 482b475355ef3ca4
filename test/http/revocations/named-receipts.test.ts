import { receiptPaths } from '../../../services/gateway/revocations/index.ts'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { event } from '../../../shared/events/event.ts'
import { aCommit, aRevoked, aSid } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { loggedEvents } from '../../support/views/logged-events.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const env = { CURFEW_AUDITOR_URL: 'http://127.0.0.1:9' }

const receiptsIn = (headers: Readonly<Record<string, unknown>>): readonly string[] =>
  String(headers['revocation-receipt'] ?? '')
    .split(', ')
    .filter((path) => path !== '')

/** The ids of what ended something, as the log has them. */
const endsIn = async ({ state: { log } }: World): Promise<string[]> =>
  (await loggedEvents(log)).flatMap(({ id, event: { type, data } }) =>
    type === 'TokenRevoked' && data.reason !== 'rotated' ? [`/audit/receipts/${id}`] : [],
  )

claims('the receipt of a revocation', {
  'each write that revokes names the events that the log has of it, and nothing else': () =>
    inWorld({ env }, async (world) => {
      const named: string[] = []
      const post = async (path: string, body: object, jar?: Awaited<ReturnType<World['open']>>) => {
        const headers = jar ? {} : world.serviceHeaders
        const answer = await world.send(path, jar ?? newJar(), { json: body, headers })
        assert.ok(answer.status < 300, `${path} ${answer.status}`)
        const receipts = receiptsIn(answer.headers)
        assert.ok(receipts.length > 0, path)
        named.push(...receipts)
        return answer.body as Readonly<Record<string, unknown>>
      }
      const user = await world.addUser()
      await post('/logout', {}, await world.open(user))
      await world.open(user)
      const body = await post('/revocations', { scope: 'subject', id: user.sub })
      assert.equal(body['receipts'], [named.at(-1)])
      await post('/revocations', { scope: 'all' })
      assert.equal([...named].sort(), (await endsIn(world)).sort())
    }),

  'a gateway that knows of no auditor names none': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const { status, headers } = await world.logout(jar)
      assert.equal([status < 300, receiptsIn(headers)], [true, []])
    }),

  'a path leads back to the id, whatever is in a subject': () => {
    const dice = new Dice('receipts')
    for (let turn = 0; turn < 200; turn += 1) {
      const sub = Array.from({ length: 1 + dice.below(20) }, () =>
        String.fromCharCode(0x21 + dice.below(0x5e)),
      ).join('')
      const commit: NewCommit = aCommit({ s: `u/${sub}`, v: turn, events: [aRevoked()] })
      const [path = ''] = receiptPaths(commit)
      assert.is(decodeURIComponent(path.slice('/audit/receipts/'.length)), `u/${sub}:${turn}:0`)
      assert.not.match(path, /[,?#\s]/)
      assert.is(new URL(path, 'http://localhost').pathname, path)
    }
  },

  'a rotation has none, and each other end of a commit has its own': () => {
    const sid = aSid()
    const ended = aRevoked({ sid })
    const rotated = aRevoked({ sid, reason: 'rotated' })
    const read = event('LifetimeRaised', { longestMs: 1 })
    const commit = aCommit({ s: `s/${sid}`, v: 3, events: [rotated, read, ended, ended] })
    assert.equal(
      receiptPaths(commit),
      [2, 3].map((n) => `/audit/receipts/s/${sid}:3:${n}`),
    )
  },
})
