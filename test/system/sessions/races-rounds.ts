import { login } from '../../../services/gateway/sessions/login.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import type { TokenPair } from '../../../services/gateway/tokens/token-issuer.ts'
import type { Origin } from '../../../shared/events/event.ts'
import { fraction } from '../../../shared/kernel/entropy.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { withAccounts } from '../../support/other-rooms.ts'
import { copyOf, type Jar, jarOf, tokenIn } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { race } from '../../support/until.ts'
import { jarOfAnswer } from '../../support/views/seen-tokens.ts'
import { changePassword } from '../../support/worlds/delivered-changes.ts'
import type { RunningGateway, World } from '../../support/worlds/gateway-world.ts'

const refreshers = 4
const dice = seededEntropy('races')

/** Racers begin up to `spreadMs` apart, so that the rounds meet in different orders. */
const staggered = async <T>(world: World, spreadMs: number, call: () => Promise<T>): Promise<T> => {
  await world.clock.sleep(spreadMs * fraction(dice))
  return call()
}

const at = ({ gateways }: World, index: number): RunningGateway => {
  const gateway = gateways[index % gateways.length]
  if (!gateway) throw new Error('a world has at least one gateway')
  return gateway
}

/**
 * Which of these tokens still open a door of any gateway: none, after a revocation was answered.
 */
export const survivors = async (world: World, jars: readonly Jar[]): Promise<readonly string[]> => {
  const found: string[] = []
  for (const [index, jar] of jars.entries()) {
    const gateway = at(world, index)
    const seen = await gateway.me(copyOf(jar))
    if (seen.status !== 401) found.push(`the access token of jar ${index}: ${seen.status}`)
    const refreshed = await gateway.refresh(copyOf(jar))
    if (refreshed.status !== 401)
      found.push(`the refresh token of jar ${index}: ${refreshed.status}`)
  }
  return found
}

export type End = (world: World, user: User, jar: Jar) => Promise<Answer>

export const byLogout: End = (world, _user, jar) => at(world, 1).logout(copyOf(jar))

export const byRevokingAll: End = (world, user) =>
  at(world, 1).send('/revocations', new Map(), {
    json: { scope: 'subject', id: user.sub },
    headers: world.serviceHeaders,
  })

export type Raced = Readonly<{ violations: readonly string[]; refreshed: number }>

/**
 * Refreshes of one token race the end of its session; what outlives the end, and how many
 * refreshed.
 */
export const refreshRace = async (world: World, end: End, spreadMs: number): Promise<Raced> => {
  const user = await world.addUser()
  const jar = await world.open(user)
  const [ended, answers] = await Promise.all([
    staggered(world, spreadMs, () => end(world, user, jar)),
    race(refreshers, (index) =>
      staggered(world, spreadMs, () => at(world, index).refresh(copyOf(jar))),
    ),
  ])
  const violations: string[] = []
  if (ended.status !== 200) violations.push(`the end was answered ${ended.status}`)
  const odd = answers.filter(({ status }) => status !== 200 && status !== 401)
  if (odd.length > 0) violations.push(`a refresh was answered ${odd[0]?.status}`)
  const issued = answers.map(jarOfAnswer).filter((one) => tokenIn(one, 'access') !== null)
  violations.push(...(await survivors(world, [jar, ...issued])))
  return { violations, refreshed: issued.length }
}

const jarOfPair = ({ access, refresh }: TokenPair): Jar =>
  jarOf({ access: access.token, refresh: refresh.token })

let logins = 0
/** Each login from a network of its own: hundreds of refusals must not meet the limit of one. */
const anOrigin = (): Origin => {
  logins += 1
  return { address: `10.${(logins >> 8) % 256}.${logins % 256}.1`, agent: null }
}

/** A login without the cost of hashing; `null` when it is refused. */
export const quickLogin = async (
  { quickRooms }: Pick<RunningGateway, 'quickRooms'>,
  { username }: User,
  password: string,
): Promise<Jar | null> => {
  const arrival = quickRooms.context.storeClock.now()
  const result = await login(
    quickRooms,
    { username, password, origin: anOrigin(), arrival },
    openPair,
  )
  return result.outcome === 'opened' ? jarOfPair(result.tokens) : null
}

export const oldPassword = 'the old password'
export const newPassword = 'the new password'

/**
 * After a change: the old sessions and the old password are refused, the new one opens a session.
 */
export const afterChange = async (
  world: World,
  user: User,
  old: readonly Jar[],
): Promise<readonly string[]> => {
  const violations = [...(await survivors(world, old))]
  if (await quickLogin(world, user, oldPassword)) violations.push('the old password logs in')
  const fresh = await quickLogin(world, user, newPassword)
  const status = fresh && (await world.me(fresh)).status
  if (status !== 200) violations.push(`a session of the new password is answered ${status}`)
  return violations
}

/** Logins with the old password race its change. */
export const passwordRace = async (world: World, spreadMs: number): Promise<Raced> => {
  const user = await world.addUser(oldPassword)
  const [jars] = await Promise.all([
    race(refreshers, (index) =>
      staggered(world, spreadMs, () => quickLogin(at(world, index), user, oldPassword)),
    ),
    staggered(world, spreadMs, () =>
      changePassword(at(world, 1).quickRooms, user.sub, newPassword),
    ),
  ])
  const opened = jars.filter((jar) => jar !== null)
  return { violations: await afterChange(world, user, opened), refreshed: opened.length }
}

/** The password changes between the check of the old one and the session's insert. */
export const changeDuringLogin = async (world: World): Promise<readonly string[]> => {
  const user = await world.addUser(oldPassword)
  const { quickRooms } = at(world, 0)
  const passwords = {
    ...quickRooms.accounts.passwords,
    verify: async (hash: string | null, password: string): Promise<boolean> => {
      const matches = await quickRooms.accounts.passwords.verify(hash, password)
      await changePassword(at(world, 1).quickRooms, user.sub, newPassword)
      return matches
    },
  }
  const jar = await quickLogin(
    { quickRooms: withAccounts(quickRooms, { passwords }) },
    user,
    oldPassword,
  )
  if (!jar) return ['the login was refused, so nothing raced']
  return afterChange(world, user, [jar])
}
