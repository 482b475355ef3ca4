import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import {
  type Everything,
  type Fleet,
  type Scale,
  withFleet,
} from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'
import { isInView } from '../../support/views/view-of.ts'

type Killed = Readonly<{ visitor: Visitor; thief: Visitor; running: Everything }>

/**
 * A restart takes seconds; whether the grace is judged rightly is not what these claims are about.
 */
const settings = { CURFEW_REFRESH_GRACE_PERIOD: '2m' }

/**
 * Logs in at a gateway that dies at `point` of the route, asks the route, and starts everything
 * anew.
 */
const killedAt = async (fleet: Fleet, route: string, point: string): Promise<Killed> => {
  const user = { username: 'alice', password: systemEntropy.bytes(15).toString('base64url') }
  fleet.keepSecret(user.password)
  const gateway = await fleet.root('test/support/processes/kill-gateway.ts', {
    KILL_AT: `${route}:${point}`,
    KILL_USER: user.username,
    KILL_PASSWORD: user.password,
  })
  const visitor = await loggedIn(fleet, gateway.url, user)
  const thief = visitor.copy()
  const unanswered = await visitor.post(`${gateway.url}/${route}`).then(
    ({ status }) => `answered ${status}`,
    () => 'no answer',
  )
  assert.is(unanswered, 'no answer')
  await until('the gateway met its point', () => !gateway.isRunning(), 5_000)
  assert.is((await gateway.ended).signal, 'SIGKILL')
  return { visitor, thief, running: await fleet.everything() }
}

const isRefusedEverywhere = async (
  fleet: Fleet,
  { url, ordersUrl }: Everything,
  thief: Visitor,
): Promise<void> => {
  const { sid } = thief.access
  assert.is((await thief.get(`${url}/me`)).status, 401, 'the gateway asks the store')
  assert.is((await thief.copy().post(`${url}/refresh`)).status, 401)
  await until('the guard refuses', async () => (await thief.asks(ordersUrl)) === 401)
  await until('the view has the session', () => isInView(fleet, `sid:${sid}`))
}

const logoutHappened =
  (scale: Scale | null, point: string): (() => Promise<void>) =>
  () =>
    withFleet(scale, async (fleet) => {
      const { thief, running } = await killedAt(fleet, 'logout', point)
      await isRefusedEverywhere(fleet, running, thief)
      const again = await thief.copy().post(`${running.url}/logout`)
      assert.is(again.status, 401, 'who comes after the death is told that it is dead')
    })

const logoutDidNotHappen = (scale: Scale | null) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const { visitor, thief, running } = await killedAt(fleet, 'logout', 'before-append')
    assert.is((await visitor.get(`${running.url}/me`)).status, 200)
    await until('the guard accepts', async () => (await visitor.asks(running.ordersUrl)) === 200)
    assert.not(await isInView(fleet, `sid:${thief.access.sid}`))
    const { status, headers } = await visitor.post(`${running.url}/logout`)
    assert.is(status, 200)
    assert.is(headers.get('revocation-status'), 'acknowledged')
    await isRefusedEverywhere(fleet, running, thief)
  })

const answeredThenKilled = (scale: Scale | null) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const user = await fleet.addUser('alice')
    const first = await fleet.everything()
    const thieves: Visitor[] = []
    for (const visitor of await race(3, () => loggedIn(fleet, first.url, user))) {
      thieves.push(visitor.copy())
      assert.is((await visitor.post(`${first.url}/logout`)).status, 200)
    }
    await first.kill9()
    const running = await fleet.everything()
    for (const thief of thieves) await isRefusedEverywhere(fleet, running, thief)
  })

/** Retries of a client that got no answer: all of them get the one successor, and it is good. */
const refreshOnce =
  (scale: Scale | null, point: string): (() => Promise<void>) =>
  () =>
    withFleet(
      scale,
      async (fleet) => {
        const { visitor, running } = await killedAt(fleet, 'refresh', point)
        const before = visitor.refreshId
        const tabs = await race(4, async () => {
          const tab = visitor.copy()
          assert.is((await tab.post(`${running.url}/refresh`)).status, 200)
          return tab
        })
        const ids = new Set(tabs.flatMap((tab) => [tab.refreshId]))
        assert.is(ids.size, 1, 'one successor')
        assert.not(ids.has(before))
        const [tab] = tabs
        assert.ok(tab)
        assert.is((await tab.get(`${running.url}/me`)).status, 200)
        await until('the guard accepts', async () => (await tab.asks(running.ordersUrl)) === 200)
        await hasVersions(fleet, tab.access.sid, 2)
        assert.is((await tab.post(`${running.url}/refresh`)).status, 200, 'the session goes on')
      },
      settings,
    )

/** The stream tells how many successors there were: one commit for each. */
const hasVersions = async (fleet: Fleet, sid: string, count: number): Promise<void> => {
  const store = (await fleet.backends()).store()
  const commits = await store.read(`s/${sid}` as Parameters<typeof store.read>[0], 0, 10)
  assert.is(commits.length, count)
}

/** I3 and I1 across kill -9: what was appended is true everywhere, what was not did not happen. */
export const crashClaims = (scale: Scale | null): Claims => ({
  'a logout that was killed before its append did not happen, and can be had anew':
    logoutDidNotHappen(scale),
  'a logout that was killed after its append is true everywhere': logoutHappened(
    scale,
    'after-append',
  ),
  'a logout that was killed while it was published is true everywhere': logoutHappened(
    scale,
    'amid-publish',
  ),
  'a logout that was killed before it was marked is true everywhere': logoutHappened(
    scale,
    'after-publish',
  ),
  'a logout that was killed before its answer is true everywhere': logoutHappened(
    scale,
    'after-mark',
  ),
  'a logout that was answered outlives a kill -9 right behind the answer':
    answeredThenKilled(scale),
  'a refresh that was killed before its append has one successor': refreshOnce(
    scale,
    'before-append',
  ),
  'a refresh that was killed after its append has one successor': refreshOnce(
    scale,
    'after-append',
  ),
  'a refresh that was killed before it was marked has one successor': refreshOnce(
    scale,
    'after-publish',
  ),
  'a refresh that was killed before its answer has one successor': refreshOnce(scale, 'after-mark'),
})
