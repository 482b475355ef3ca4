import { join } from 'node:path'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { loadEventsRing, loadMacRing } from '../../../shared/tokens/key-rings/follow-mac-ring.ts'
import type { BusyLog } from '../../support/fakes/busy-log.ts'
import {
  type Everything,
  type Fleet,
  type Scale,
  withFleet,
} from '../../support/processes/fleet.ts'
import { loggedIn, Visitor } from '../../support/requests/visitor.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'
import { everyRecord } from '../../support/views/every-record.ts'
import { folded, type OpenView } from '../projector/fold-claims.ts'

/** Before everything expires: the hash covers all that the log tells. */
const always = 0 as EpochMs
const rounds = 3

const changePassword = async (fleet: Fleet, username: string, password: string): Promise<void> => {
  fleet.keepSecret(password)
  const changing = fleet.command(['users', 'passwd', username, '--password-stdin'], {}, password)
  assert.is((await changing.ended).code, 0, changing.output())
}

/** Every cause of a revocation, most of them more than once, some of them at once. */
const makeBusy = async (fleet: Fleet, { url }: Everything): Promise<void> => {
  const { id, secret } = fleet.service
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const revoke = async (body: object): Promise<void> => {
    const { status } = await new Visitor(fleet).post(`${url}/revocations`, body, { authorization })
    assert.is(status, 200)
  }
  const user = await fleet.addUser('alice')
  for (let round = 0; round < rounds; round += 1) {
    const password = `${user.password}-${round}`
    await changePassword(fleet, user.username, password)
    const visitors = await race(5, () => loggedIn(fleet, url, { ...user, password }))
    const [leaver, victim, revoked, ...others] = visitors
    assert.ok(leaver && victim && revoked)
    const stolen = victim.copy()
    await race(visitors.length, async (index) => visitors[index]?.post(`${url}/refresh`))
    assert.is((await stolen.post(`${url}/refresh`)).status, 401, 'a reuse without grace')
    assert.is((await leaver.post(`${url}/logout`)).status, 200)
    await revoke({ scope: 'session', id: revoked.access.sid })
    for (const other of others) await other.post(`${url}/refresh`)
    await Promise.all([
      revoke({ scope: 'client', id: revoked.access.client_id }),
      revoke({ scope: 'subject', id: revoked.access.sub }),
      revoke({ scope: 'all' }),
    ])
  }
}

const asWritten = ({ topic, key, headers, value }: RawRecord): LogRecord => ({
  topic,
  key: key?.toString('utf8') ?? '',
  headers,
  value: value?.toString('utf8') ?? '',
})

type Busy = BusyLog & Readonly<{ live: string }>

/** The records of a busy run, and the hash of the view that the fleet itself made of them. */
const busyRun = async (fleet: Fleet): Promise<Busy> => {
  const running = await fleet.everything()
  await makeBusy(fleet, running)
  const backends = await fleet.backends()
  const [log, view] = [await backends.log('reader'), backends.view()]
  const ring = await loadMacRing(join(fleet.dir, 'keys', 'log-mac.json'))
  const signing = join(fleet.dir, 'keys', 'events-mac.json')
  const eventsRing = await loadEventsRing(signing, ring.fleet)
  const events = { ring: eventsRing, unsigned: 'park' } as const
  let records: readonly LogRecord[] = []
  // Login and refresh are answered before the log has them: the run is over when all is folded.
  await until('the live view has all', async () => {
    records = (await everyRecord(log)).map(asWritten)
    const model = await folded(records, { records, ring, events }, async () =>
      openMemoryBlacklistView(),
    )
    return model === (await view.contentHash(always))
  })
  return { records, ring, events, live: await view.contentHash(always) }
}

const publishesEachEventOnce = ({ records }: Busy): void => {
  const known = new Map<string, string>()
  for (const { topic, key, headers, value } of records) {
    if (!headers['ce_id']) continue // Closed times are no events.
    const name = `${topic} ${headers['ce_id']}`
    const content = JSON.stringify([key, value])
    assert.is(known.get(name) ?? content, content, `${name} has one content`)
    known.set(name, content)
  }
  const reasons = new Set(
    records.filter(({ topic }) => topic === 'auth.revocations').map(({ key }) => key.split(':')[0]),
  )
  for (const kind of ['sid', 'sub', 'client', 'all']) assert.ok(reasons.has(kind), kind)
}

/** The log of real processes, folded anew: as it lies there, doubled, and backwards. */
export const replayClaims = (
  scale: Scale | null,
  views: Readonly<Record<string, OpenView>>,
): Claims => ({
  'the log of a busy run, replayed into fresh views, gives what the live view has': () =>
    withFleet(
      scale,
      async (fleet) => {
        const busy = await busyRun(fleet)
        const { records, live } = busy
        publishesEachEventOnce(busy)
        for (const [name, open] of Object.entries(views)) {
          assert.is(await folded(records, busy, open), live, `${name}, in order`)
          const doubled = [...records, ...[...records].reverse()]
          assert.is(await folded(doubled, busy, open), live, `${name}, doubled`)
          assert.is(await folded([...records].reverse(), busy, open), live, `${name}, backwards`)
        }
        const fewer = records.filter(({ headers }) => !headers['ce_id']?.startsWith('all:'))
        assert.is.not(
          await folded(fewer, busy, async () => openMemoryBlacklistView()),
          live,
          'a record that is left out shows',
        )
      },
      { CURFEW_REFRESH_GRACE_PERIOD: '0' },
    ),
})
