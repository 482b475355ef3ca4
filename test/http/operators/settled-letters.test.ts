import { setImmediate as turn } from 'node:timers/promises'
import { digestOf } from '../../../services/gateway/operators/settled-letters.ts'
import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { type Jar, newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import type { StatePorts } from '../../support/worlds/world-backing.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit+revoke+users` }
const service = { authorization: `Basic ${Buffer.from(`auditor:${secret}`).toString('base64')}` }

type Letter = Readonly<{ offset: number; settled: string | null }>

const openAs = async (world: World, ...roles: readonly string[]): Promise<Jar> => {
  const user = aUser({ roles: [...roles] })
  await world.state.directory.create(user)
  return world.open(user)
}
const letters = async (world: World, query = ''): Promise<readonly Letter[]> => {
  const asked = { method: 'GET', headers: service }
  const { body } = await world.send(`/dead-letters${query}`, newJar(), asked)
  return (body as { letters: readonly Letter[] }).letters
}
const settle = async (world: World, jar: Jar, offset: number | string, way: 'retry' | 'drop') => {
  const { status, body } = await world.send(`/dead-letters/${offset}/${way}`, jar)
  return [status, (body as { code?: string } | null)?.code ?? null]
}

/** All of `auth.events`, whichever partition it lies in. */
const eventsIn = async ({ state: { log } }: World): Promise<readonly RawRecord[]> => {
  const found: RawRecord[] = []
  for (let partition = 0; partition < (await log.partitions('auth.events')); partition += 1) {
    const place = { topic: 'auth.events', partition } as const
    const { start, end } = await log.bounds(place)
    for (let at = start; at < end; at += 1) {
      const record = await log.recordAt(place, at)
      if (record) found.push(record)
    }
  }
  return found
}
const park = async (world: World, record: RawRecord): Promise<number> => {
  const [offset = -1] = await world.state.log.publish([encodeDeadLetter(record, 'bad MAC')])
  return offset
}
const idOf = ({ headers }: RawRecord): string | undefined => headers['ce_id']
const ofType = (records: readonly RawRecord[], type: string): readonly RawRecord[] =>
  records.filter(({ headers }) => headers['ce_type'] === `curfew.${type}`)
const aLogin = async (world: World): Promise<RawRecord> => {
  await openAs(world)
  await until('a login is published', async () => (await eventsIn(world)).length > 0)
  const [login] = ofType(await eventsIn(world), 'TokenIssued')
  assert.ok(login)
  return login
}
const foreign = async (world: World): Promise<RawRecord> => {
  const junk = { topic: 'auth.events', key: 'k', headers: { ce_type: 'x' }, value: 'junk' } as const
  await world.state.log.publish([junk])
  const found = (await eventsIn(world)).find(({ value }) => textOf(value) === 'junk')
  assert.ok(found)
  return found
}

/** A log that lets others come between before it takes a record that is published again. */
const withSlowCopies = (ports: StatePorts): StatePorts => ({
  ...ports,
  log: replacing(ports.log, {
    publish: async (records) => {
      const isCopy = records.some(({ headers }) => headers['curfew-again'])
      for (let turns = 0; isCopy && turns < 200; turns += 1) await turn()
      return ports.log.publish(records)
    },
  }),
})

claims('A dead letter is dealt with', {
  'a record that can be used by now is published again as it was, and who did it is told': () =>
    inWorld({ env }, async (world) => {
      const admin = await openAs(world, 'admin')
      const login = await aLogin(world)
      const offset = await park(world, login)
      assert.equal(await settle(world, admin, offset, 'retry'), [204, null])
      const same = (await eventsIn(world)).filter((one) => idOf(one) === idOf(login))
      assert.equal(
        same.map(({ key, headers, value }) => [textOf(key), headers, textOf(value)]),
        [{}, { 'curfew-again': '1' }].map((more) => [
          textOf(login.key),
          { ...login.headers, ...more },
          textOf(login.value),
        ]),
      )
      assert.equal(await letters(world, '?state=open'), [])
      assert.equal(
        (await letters(world, '?state=settled')).map((one) => [one.offset, one.settled]),
        [[offset, 'retried']],
      )
      const isTold = async () => ofType(await eventsIn(world), 'DeadLetterSettled').length === 1
      await until('it is told', isTold)
      const [told] = ofType(await eventsIn(world), 'DeadLetterSettled')
      const { how, laid } = JSON.parse(textOf(told?.value ?? null)) as Record<string, unknown>
      assert.equal([how, laid], ['retried', `auth.events/${login.partition}/${login.offset}`])
      for (const way of ['retry', 'drop'] as const) {
        assert.equal(await settle(world, admin, offset, way), [409, 'dead_letter_settled'])
      }
    }),

  'what still cannot be used is not published; dropped, it is open no more, and stays in the log':
    () =>
      inWorld({ env }, async (world) => {
        const admin = await openAs(world, 'admin')
        const junk = await foreign(world)
        const login = await aLogin(world)
        const before = (await eventsIn(world)).length
        const wrong = [
          junk,
          // Another record lies there now, none does, or it is of a topic that guards read.
          { ...login, value: Buffer.from('something else') },
          { ...login, value: Buffer.from('') },
          { ...login, headers: { ...login.headers, ce_id: 's/another:0:0' } },
          { ...login, headers: { ...login.headers, 'curfew-mac': 'another' } },
          { ...login, offset: 999_999 },
          { ...login, partition: 999 },
          { ...login, topic: 'auth.revocations' as const },
        ]
        for (const record of wrong) {
          const offset = await park(world, record)
          const refused = await settle(world, admin, offset, 'retry')
          assert.equal(refused, [409, 'dead_letter_unusable'])
        }
        assert.is((await eventsIn(world)).length, before)
        const [newest] = await letters(world, '?state=open')
        assert.equal(await settle(world, admin, newest?.offset ?? -1, 'drop'), [204, null])
        assert.is((await letters(world, '?state=open')).length, wrong.length - 1)
        assert.is((await letters(world)).length, wrong.length)
        const overview = await world.send('/overview', admin, { method: 'GET' })
        assert.is((overview.body as { dead_letters: number }).dead_letters, wrong.length - 1)
        for (const offset of ['999', 'x', '-1']) {
          assert.equal(await settle(world, admin, offset, 'drop'), [404, 'not_found'])
        }
      }),

  'of all who deal with one at once one does': () =>
    inWorld({ env, wrap: withSlowCopies }, async (world) => {
      const admin = await openAs(world, 'admin')
      const login = await aLogin(world)
      const ways = ['retry', 'drop', 'retry', 'drop', 'retry'] as const
      for (let first = 0; first < 4; first += 1) {
        const offset = await park(world, { ...login, headers: { ...login.headers, n: `${first}` } })
        const copies = async () =>
          (await eventsIn(world)).filter(({ headers }) => headers['curfew-again']).length
        const before = await copies()
        const asked = ways.slice(first % 2)
        const answers = await Promise.all(asked.map((way) => settle(world, admin, offset, way)))
        assert.is(answers.filter(([status]) => status === 204).length, 1, String(answers))
        const done = asked[answers.findIndex(([status]) => status === 204)]
        assert.is((await copies()) - before, done === 'retry' ? 1 : 0)
        const [letter] = await letters(world, '?state=settled')
        assert.equal(
          [letter?.offset, letter?.settled],
          [offset, done === 'retry' ? 'retried' : 'dropped'],
        )
      }
    }),

  'where no more can be dealt with nothing is published': () =>
    inWorld({ env }, async (world) => {
      const { log, store } = world.state
      const admin = await openAs(world, 'admin')
      const login = await aLogin(world)
      const many = Array.from({ length: 5_000 }, (_, n) =>
        encodeDeadLetter({ ...login, headers: { n: `${n}` } }, 'bad MAC'),
      )
      await log.publish(many)
      const settled = many.map((letter, offset) => ({
        ...{ offset, how: 'dropped' },
        digest: digestOf({ ...letter, partition: 0, offset }),
      }))
      await store.agree('dead-letters.settled', JSON.stringify({ format: 1, letters: settled }))
      const offset = await park(world, login)
      assert.equal(await settle(world, admin, offset, 'retry'), [409, 'dead_letters_full'])
      const again = (await eventsIn(world)).filter(({ headers }) => headers['curfew-again'])
      assert.equal(again, [])
    }),

  'what was parked again by a repeated batch is dealt with as the first was': () =>
    inWorld({ env }, async (world) => {
      const admin = await openAs(world, 'admin')
      const junk = await foreign(world)
      assert.equal(await settle(world, admin, await park(world, junk), 'drop'), [204, null])
      const again = await park(world, junk)
      assert.equal(await letters(world, '?state=open'), [])
      assert.equal(await settle(world, admin, again, 'drop'), [409, 'dead_letter_settled'])
      const overview = await world.send('/overview', admin, { method: 'GET' })
      assert.is((overview.body as { dead_letters: number }).dead_letters, 0)
    }),

  'one of a topic that was made anew is open, though its offset was dealt with': () =>
    inWorld({ env }, async (world) => {
      const admin = await openAs(world, 'admin')
      const offset = await park(world, await foreign(world))
      assert.equal(await settle(world, admin, offset, 'drop'), [204, null])
      const agreed = await world.state.store.agree('dead-letters.settled', '')
      const other = agreed.replace(/"digest":"[0-9a-f]{16}"/, `"digest":"${'0'.repeat(16)}"`)
      await world.state.store.agree('dead-letters.settled', other, agreed)
      assert.is((await letters(world, '?state=open')).length, 1)
      const overview = await world.send('/overview', admin, { method: 'GET' })
      assert.is((overview.body as { dead_letters: number }).dead_letters, 1)
    }),

  'by an administrator alone, whose password was given a moment ago': () => {
    const clock = fakeClock()
    return inWorld({ env, clock }, async (world) => {
      const offset = await park(world, await foreign(world))
      const admin = await openAs(world, 'admin')
      assert.equal(await settle(world, await openAs(world, 'audit'), offset, 'drop'), [
        403,
        'forbidden',
      ])
      const path = `/dead-letters/${offset}/drop`
      assert.is((await world.send(path, newJar(), { headers: service })).status, 403)
      await clock.leap(5 * 60_000)
      for (const way of ['retry', 'drop'] as const) {
        assert.equal(await settle(world, admin, offset, way), [401, 'step_up_required'])
      }
      assert.is((await letters(world, '?state=open')).length, 1)
    })
  },
})
