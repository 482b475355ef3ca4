import { type Fleet, type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import {
  type ReceiverServer,
  readJwt,
  withReceiver,
} from '../../support/servers/receiver-server.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'
import { env, poll, push, sidIn, subscribePolling } from '../../support/worlds/ssf-desk.ts'

const sessions = 5
/** A dead gateway keeps its lease for 10 s. */
const takenOverMs = 60_000

/** Sessions of one user that ended here, in order: each `sid`. */
const endedSessions = async (fleet: Fleet, { url }: Member): Promise<readonly string[]> => {
  const user = await fleet.addUser('alice')
  const visitors = await race(sessions, () => loggedIn(fleet, url, user))
  const sids: string[] = []
  for (const visitor of visitors) {
    sids.push(visitor.access.sid)
    assert.is((await visitor.post(`${url}/logout`)).status, 200)
  }
  return sids
}

/** Ids of SETs by session. @throws when one session came under two ids. */
const idsBySession = (tokens: readonly string[]): ReadonlyMap<unknown, unknown> => {
  const found = new Map<unknown, unknown>()
  for (const token of tokens) {
    const [sid, { jti }] = [sidIn(token), readJwt(token).claims]
    assert.is(found.get(sid) ?? jti, jti, 'what comes again has the same id')
    found.set(sid, jti)
  }
  return found
}

const subscribed = (at: Member, { url }: ReceiverServer): Promise<string> =>
  subscribePolling(at, { delivery: { method: push, endpoint_url: `${url}/events` } })

/** Until the gateway that serves the stream stored how far it is, as it does with its lease. */
const cursorStored = async (fleet: Fleet, id: string): Promise<void> => {
  const receivers = (await fleet.backends()).receivers()
  const leaseOf = async () => (await receivers.get(id))?.lease?.until ?? 0
  const before = await leaseOf()
  await until('the lease is renewed', async () => (await leaseOf()) > before)
}

/** All but the third request are taken; that one gets no answer until the gateway is dead. */
const answering = (receiver: ReceiverServer): (() => void) => {
  let tell: () => void = () => {}
  const died = new Promise<void>((resolve) => {
    tell = resolve
  })
  receiver.answer(async () => {
    const isThird = receiver.heard.length === 3
    if (isThird) await died
    return { status: isThird ? 500 : 202 }
  })
  return tell
}

const given = async (at: Member, id: string): Promise<readonly string[]> => {
  let tokens: readonly string[] = []
  await until('all are given', async () => {
    tokens = Object.values((await poll(at, id)).sets)
    return tokens.length === sessions
  })
  return tokens
}

/** Dies while one SET is pushed, and while another one is acknowledged by a poll. */
const amidBoth =
  (scale: Scale | null) =>
  (receiver: ReceiverServer): Promise<void> =>
    withFleet(
      scale,
      async (fleet) => {
        const first = await fleet.gateway()
        const died = answering(receiver)
        const pushId = await subscribed(first, receiver)
        const id = await subscribePolling(first)
        const sids = await endedSessions(fleet, first)
        const tokens = await given(first, id)
        const ids = idsBySession(tokens)
        assert.equal([...ids.keys()], sids, 'in order')
        const [one, two, three, ...rest] = [...ids.values()]
        await poll(first, id, { ack: [two], maxEvents: 0 })
        await until('the third is on its way', () => receiver.heard.length === 3)
        await cursorStored(fleet, pushId)
        const unknown = poll(first, id, { ack: [three] }).catch(() => null)
        await first.kill9()
        died()
        await unknown

        const second = await fleet.gateway()
        const { sets } = await poll(second, id)
        assert.is(Object.hasOwn(sets, String(two)), false, 'it was acknowledged')
        const open = [one, ...(Object.hasOwn(sets, String(three)) ? [three] : []), ...rest]
        assert.equal(Object.keys(sets), open)
        assert.equal(idsBySession([...tokens, ...Object.values(sets)]), ids)
        assert.equal(await poll(second, id, { ack: open }), { sets: {}, moreAvailable: false })

        const pushed = () => idsBySession(receiver.taken)
        await until('all were pushed', () => pushed().size === sessions, takenOverMs)
        const heard = idsBySession(receiver.heard.map(({ body }) => body))
        assert.equal([...heard.keys()], sids, 'in order')
        assert.ok(receiver.heard.length > sessions, 'the third came again')
      },
      env,
    )

/** At least once, and the same `jti` each time, across kill -9. */
export const receiversCrashClaims = (scale: Scale | null): Claims => ({
  'a gateway that dies amid pushes and polls loses nothing, and forgets no acknowledgement': () =>
    withReceiver(amidBoth(scale)),
})
