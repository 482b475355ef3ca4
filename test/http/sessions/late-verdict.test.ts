import { setRoles } from '../../../services/gateway/accounts/set-roles.ts'
import { appendCutoff } from '../../../services/gateway/revocations/append-cutoff.ts'
import {
  appendRevocation,
  endSessionById,
} from '../../../services/gateway/revocations/append-revocation.ts'

import { replaceSession } from '../../../services/gateway/sessions/replace-session.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { copyOf, type Jar, jarOf, tokenIn } from '../../support/processes/browser.ts'
import { holdRequest } from '../../support/requests/held-request.ts'
import { assert, claims } from '../../support/suite.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

type Known = Readonly<{ user: User; jar: Jar }>
const someone = async (world: World, roles: readonly string[] = []): Promise<Known> => {
  const user = aUser({ roles })
  await world.state.directory.create(user)
  return { user, jar: await world.open(user) }
}

const endEverything = async ({ rooms }: World, { sub }: User): Promise<void> => {
  const target = { scope: 'subject', sub } as const
  await appendAndDeliverCutoff(rooms, { target, reason: 'logout_all', origin: noOrigin })
}
const claimsIn = (world: World, jar: Jar): BearerClaims => {
  const token = tokenIn(jar, 'access') ?? ''
  const verified = world.rooms.tokens.issuer.verifyBearer(
    token,
    world.rooms.context.storeClock.now(),
  )
  if (!verified.ok) throw new Error(verified.problem)
  return verified.claims
}

/** What ends the caller's session after it was authenticated, before its own cutoff. */
type Ending = (world: World, known: Known, claims: BearerClaims) => Promise<unknown>

const keptAfter = (ending: Ending, isKept: boolean) => (): Promise<void> =>
  inWorld({}, async (world) => {
    const known = await someone(world, ['admin'])
    const { sub } = known.user
    const found = claimsIn(world, known.jar)
    const arrival = world.rooms.context.storeClock.now()
    const caller = { claims: found, user: known.user, origin: noOrigin, arrival }
    const target = { scope: 'subject', sub } as const
    const kept = await replaceSession(world.rooms, caller, openPair, async () => {
      await ending(world, known, found)
      return appendCutoff(world.rooms, { target, reason: 'logout_all', origin: noOrigin })
    })
    assert.is(kept.tokens !== null, isKept)
    if (!kept.tokens) return
    const jar = jarOf({ access: kept.tokens.access.token })
    assert.is((await world.me(jar)).status, 200)
  })

claims('a request that takes its time', {
  'a session that ended while the body was awaited keeps no device': () =>
    inWorld({}, async (world) => {
      const { user, jar } = await someone(world)
      const thief = copyOf(jar)
      const held = await holdRequest(`${world.url}/revocations`, thief)
      assert.is((await world.me(copyOf(jar))).status, 200)
      await endEverything(world, user)
      const mine = await world.open(user)
      assert.is(await held.finish({ scope: 'others' }), 401)
      assert.is((await world.me(mine)).status, 200)
    }),

  'an administrator who was made none while the body was awaited changes nobody': () =>
    inWorld({}, async (world) => {
      const [root, other] = [await someone(world, ['admin']), await someone(world)]
      const { sub } = root.user
      const paths: [string, string, object][] = [
        [`/users/${other.user.sub}`, 'PATCH', { roles: ['admin'] }],
        ['/revocations', 'POST', { scope: 'subject', id: other.user.sub }],
      ]
      const held = await Promise.all(
        paths.map(([path, method]) => holdRequest(`${world.url}${path}`, root.jar, method)),
      )
      assert.is((await world.me(copyOf(root.jar))).status, 200)
      await setRoles(world.rooms, sub, () => [])
      for (const [index, one] of held.entries()) assert.is(await one.finish(paths[index]?.[2]), 401)
      assert.is((await world.me(other.jar)).status, 200)
      assert.equal((await world.state.directory.bySub(other.user.sub))?.roles, [])
    }),

  'a device is kept when nothing else ended its session': keptAfter(async () => {}, true),
  'none is kept once everything of the user was ended': keptAfter(
    (world, { user }) => endEverything(world, user),
    false,
  ),
  'none is kept once a role was taken away, which its tokens would still say': keptAfter(
    ({ rooms }, { user }) => setRoles(rooms, user.sub, () => []),
    false,
  ),
  'none is kept once its session was ended': keptAfter(
    ({ rooms }, _, { sid }) => endSessionById(rooms, { sid, reason: 'revoked', origin: noOrigin }),
    false,
  ),
  'none is kept once the presented token was ended': keptAfter(({ rooms }, _, { jti }) => {
    const expiresAt = (rooms.context.storeClock.now() + 60_000) as EpochMs
    return appendRevocation(rooms, { scope: 'token', jti, expiresAt }, noOrigin)
  }, false),
})
