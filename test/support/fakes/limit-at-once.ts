import { login } from '../../../services/gateway/sessions/login.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { payloadOf } from '../requests/visitor.ts'
import { assert } from '../suite.ts'
import { inWorld } from '../worlds/gateway-world.ts'
import type { OpenBacking } from '../worlds/world-backing.ts'

/** No more attempts at once than an account may have. */
const logins = 9
const max = 3

/** Logins of one user at two gateways at once leave exactly as many sessions as the limit says. */
export const limitAtOnce = (backing: OpenBacking): Promise<void> =>
  inWorld({ backing, gateways: 2, env: { CURFEW_MAX_SESSIONS: String(max) } }, async (world) => {
    for (let round = 0; round < 3; round += 1) {
      const { username } = await world.addUser()
      const opened = await Promise.all(
        Array.from({ length: logins }, async (_, index) => {
          const parts = world.gateways[index % 2]?.quickRooms ?? world.quickRooms
          const arrival = parts.context.storeClock.now()
          const request = { username, password: 'correct horse', origin: noOrigin, arrival }
          return login(parts, request, openPair)
        }),
      )
      const streams = opened.map((one) => {
        if (one.outcome !== 'opened') throw new Error(`a login was ${one.outcome}`)
        return sessionStream(sessionId(payloadOf(one.tokens.access.token).sid))
      })
      const heads = await world.state.store.heads(streams)
      const alive = heads.filter((head) => head?.session?.status === 'live')
      assert.is(alive.length, max)
      for (const head of heads) {
        if (head?.session?.status !== 'dead') continue
        const [told] = head.events
        assert.is(told?.type === 'TokenRevoked' ? told.data.reason : null, 'session_limit')
      }
    }
  })
