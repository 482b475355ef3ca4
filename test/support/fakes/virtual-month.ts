import { setPassword } from '../../../services/gateway/accounts/change-account.ts'
import { login } from '../../../services/gateway/sessions/login.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { startProjector } from '../../../services/projector/projector.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { copyOf, type Jar } from '../processes/browser.ts'
import { assert } from '../suite.ts'
import { until } from '../until.ts'
import { inWorld, type World } from '../worlds/gateway-world.ts'
import type { OpenSized, Sizes } from '../worlds/sized-backing.ts'
import type { StatePorts } from '../worlds/world-backing.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'

const hourMs = 3_600_000
/** A third of a day at once: what happens in it happens in its last seconds. */
const stepMs = 8 * hourMs
const stepsADay = 3
/** More than a tick and a pause of the keeper: each loop has one turn in it. */
const breathMs = 6_000

/** What happens in each step, so that what a day leaves behind can be counted. */
const logins = 4
const refreshes = 6
const logouts = 2
const failures = 3
const usersCount = 6

export const rates = {
  loginsADay: logins * stepsADay,
  refreshesADay: refreshes * stepsADay,
  logoutsADay: logouts * stepsADay,
  failuresADay: failures * stepsADay,
  /** Of changed passwords; and those of the users' creation are none. */
  cutoffsADay: 1,
  refreshDays: 2,
} as const
const env = {
  CURFEW_REFRESH_TOKEN_LIFETIME: '2d',
  CURFEW_ACCESS_TOKEN_LIFETIME: '15m',
  // Sessions end by their own age too, so that some die in no other way.
  CURFEW_SESSION_MAX_LIFETIME: '4d',
  // Each turn of the relay is a few writes that the disk must have.
  CURFEW_TICK: '5s',
}

type Month = Readonly<{
  days: number
  open: OpenSized
  /** What housekeeping is taken away from, for the proof that it is missed. */
  wrap?: (ports: StatePorts) => StatePorts
  wrapView?: (view: BlacklistView) => BlacklistView
}>
type Live = { jar: Jar; user: User }

const fail = async ({ quickRooms }: World, name: string): Promise<void> => {
  const arrival = quickRooms.context.storeClock.now()
  const request = { username: name, password: 'guessed', origin: noOrigin, arrival }
  assert.is((await login(quickRooms, request, openPair)).outcome, 'refused')
}

/** One step of a steady life; the oldest sessions log out, the newest refresh. */
const live = async (world: World, users: readonly User[], sessions: Live[], step: number) => {
  for (let index = 0; index < logins; index += 1) {
    const user = users[(step + index) % users.length]
    if (user) sessions.push({ user, jar: await world.open(user) })
  }
  for (const { jar } of sessions.slice(-refreshes)) {
    const before = copyOf(jar)
    assert.is((await world.refresh(jar)).status, 200)
    assert.is.not(jar.get('refresh'), before.get('refresh'))
  }
  for (const { jar } of sessions.splice(0, logouts)) await world.logout(jar)
  for (let index = 0; index < failures; index += 1) await fail(world, `nobody-${step}-${index}`)
  if (step % stepsADay === 0) {
    // A cutoff a day: every session of that user ends, and no more of them refresh.
    const user = users[(step / stepsADay) % users.length]
    if (user) {
      await setPassword(world.quickRooms, user.sub, `passphrase ${step}`)
      const left = sessions.filter((session) => session.user.sub !== user.sub)
      sessions.splice(0, sessions.length, ...left)
    }
  }
  // Whoever is forgotten here lets the session expire.
  if (sessions.length > refreshes + logouts) sessions.splice(0, sessions.length - refreshes - 1)
}

/** Lets every loop take turns until the gateway is ready and nothing is left to fold. */
const breathe = async (clock: FakeClock, world: World, folded: () => number): Promise<void> => {
  const { state, rooms } = world
  const partition = { topic: 'auth.events', partition: 0 } as const
  await until('the clock is known and the log is read', async () => {
    await clock.leap(breathMs)
    return (
      rooms.context.storeClock.errorMs() < 500 &&
      folded() === (await state.log.bounds(partition)).end
    )
  })
}

/**
 * `days` of a gateway and a projector with their own loops and nobody who cleans up, at a steady
 * rate, by a virtual clock. Sizes at the end of each day.
 */
export const virtualMonth = async ({ days, open, wrap, wrapView }: Month): Promise<Sizes[]> => {
  const clock = fakeClock()
  const sized = await open(clock)
  const found: Sizes[] = []
  const ports = wrap?.(sized.ports) ?? sized.ports
  const view = wrapView?.(sized.view) ?? sized.view
  const backing = async () => ({ ports: async () => ports, close: () => sized.close() })
  await inWorld({ env, backing, clock }, async (world) => {
    const { log, sessions } = ports
    const events = { ring: world.keys.events, unsigned: 'park' } as const
    const parts = { log, view, sessions, ring: world.keys.mac, events, clock, logger }
    const projector = await startProjector(parts)
    try {
      const users: User[] = []
      for (let index = 0; index < usersCount; index += 1) users.push(await world.addUser())
      const lives: Live[] = []
      for (let step = 0; step < days * stepsADay; step += 1) {
        await clock.leap(stepMs)
        await breathe(clock, world, () => projector.folded('auth.events', 0))
        await live(world, users, lives, step)
        await breathe(clock, world, () => projector.folded('auth.events', 0))
        if (step % stepsADay === stepsADay - 1) found.push(await sized.sizes())
      }
    } finally {
      const closing = projector.close()
      await clock.advance(60_000)
      await closing
    }
  })
  return found
}
