import jwt from 'jsonwebtoken'
import {
  type Consumer,
  consumerPython,
  startConsumer,
} from '../../support/kafka/foreign-consumer.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, withFleet } from '../../support/processes/fleet.ts'
import { posted } from '../../support/requests/posted.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { decodedStatuses, placeOf, statusAt } from '../../support/views/status-list-reader.ts'
import { basic } from '../../support/worlds/service-desk.ts'

const settings = { CURFEW_STATUS_LIST: 'true', CURFEW_STATUS_LIST_TTL: '1s' }

/** The bit of `token` as one gateway says at `position`; signatures are looked at in Python. */
const bitAt = async ({ url }: Member, token: string, position: string): Promise<number> => {
  const place = placeOf(token)
  assert.ok(place, 'the token is in a list')
  const headers = { 'revocation-position': position }
  const answer = await fetch(`${url}${new URL(place.uri).pathname}`, { headers })
  assert.is(answer.status, 200)
  const said = jwt.decode(await answer.text()) as { status_list: { lst: string } }
  return statusAt(decodedStatuses(said.status_list.lst), 1, place.idx)
}

type Site = Readonly<{
  home: Member
  other: Member
  obtain: () => Promise<string>
  /** Ends the session of a token at the gateway that did not issue it; answers the position. */
  revoke: (token: string) => Promise<string>
}>

/** One gateway listens where the tokens say that their lists are. No projector runs. */
const openSite = async (fleet: Fleet): Promise<Site> => {
  const { port } = new URL(fleet.env['CURFEW_PUBLIC_URL'] ?? '')
  const home = await fleet.gateway({ CURFEW_PORT: port })
  const other = await fleet.gateway()
  const user = await fleet.addUser('alice')
  const { id, secret } = fleet.service
  return {
    home,
    other,
    obtain: async () => {
      const answer = await posted(`${home.url}/api/token/`, user)
      const { access, refresh } = (await answer.json()) as { access: string; refresh: string }
      for (const token of [access, refresh]) fleet.keepSecret(token)
      return access
    },
    revoke: async (token) => {
      const body = { scope: 'session', id: payloadOf(token).sid }
      const answer = await posted(`${other.url}/revocations`, body, basic(`${id}:${secret}`))
      return answer.headers.get('revocation-position') ?? ''
    },
  }
}

/** Somebody in Python with the code of docs/doors.md; nobody where there is none. */
const openReader = async ({ env }: Fleet, { home }: Site): Promise<Consumer | null> => {
  const python = await consumerPython('PyJWT as a reader of status lists')
  if (python === null) return null
  const database = env['CURFEW_MONGODB_DATABASE'] ?? ''
  const issuer = env['CURFEW_PUBLIC_URL'] ?? ''
  const mongoUrl = env['CURFEW_MONGODB_URL'] ?? ''
  return startConsumer({ python, mongoUrl, database, issuer, gatewayUrl: home.url })
}

const isRevokedIn = async (reader: Consumer, token: string): Promise<boolean> => {
  const { revoked } = await reader.ask({ token, byList: true })
  if (revoked === undefined) throw new Error('the reader in Python did not say')
  return revoked
}

const found = await findScale()

const inFleet = async (prove: (fleet: Fleet, site: Site) => Promise<void>): Promise<void> => {
  if ('missing' in found) return notRun('status lists of a fleet', found.missing)
  await withFleet(found.scale, async (fleet) => prove(fleet, await openSite(fleet)), settings)
}

claims('Status lists of a fleet on Kafka and MongoDB', {
  'say at any gateway what was revoked at another, also once the one that filled them is dead':
    () =>
      inFleet(async (fleet, site) => {
        const { home, other, obtain, revoke } = site
        const [gone, kept] = [await obtain(), await obtain()]
        const reader = await openReader(fleet, site)
        try {
          if (reader) {
            assert.is(await isRevokedIn(reader, gone), false)
            assert.is(await isRevokedIn(reader, kept), false)
          }
          const position = await revoke(gone)
          for (const gateway of [home, other]) {
            assert.is(await bitAt(gateway, gone, position), 1)
            assert.is(await bitAt(gateway, kept, position), 0)
          }
          if (reader) {
            await until('the copy in Python is used up', () => isRevokedIn(reader, gone))
            assert.is(await isRevokedIn(reader, kept), false)
          }
        } finally {
          await reader?.close()
        }
        await home.kill9()
        const position = await revoke(kept)
        assert.is(await bitAt(other, gone, position), 1)
        assert.is(await bitAt(other, kept, position), 1)
      }),
})
