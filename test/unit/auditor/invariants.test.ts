import { InvariantWatch } from '../../../services/auditor/invariants/index.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import type { EventData } from '../../../shared/events/event.ts'
import { encodeEvent, signed } from '../../../shared/events/event-codec.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import { anEventCheck, source } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { DrawnHistory } from '../../support/fakes/drawn-history.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { keepingLogger } from '../../support/processes/told-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { askedIndex, type Told } from '../../support/views/asked-index.ts'

const check = anEventCheck()

const recordOf = ({ id, at, event: told }: Told, offset: number): RawRecord => ({
  ...signed(check.ring, encodeEvent(source, { id: id as EventId, at: at as EpochMs, event: told })),
  partition: 0,
  offset,
})

type Broken = Pick<EventData<'InvariantBroken'>, 'invariant' | 'stream' | 'events'>

/** An auditor's watch on a store that keeps the first commit of each stream. */
const watching = (index = openMemoryAuditIndex(), commits = new Map<string, NewCommit>()) => {
  const clock = fakeClock()
  const { logger } = keepingLogger()
  const meter = new Meter()
  let isDown = false
  const store = {
    append: async (commit: NewCommit) => {
      if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
      const { s } = commit.id
      const held = commits.get(s)
      if (held) return { outcome: 'conflict', newest: held as Commit } as never
      commits.set(s, commit)
      return { outcome: 'appended' } as const
    },
  }
  const entropy = seededEntropy('watch')
  const parts = { index, events: check, store, clock, entropy, logger, meter }
  const watch = new InvariantWatch(parts)
  return {
    ...{ watch, clock, meter, commits, index },
    setDown: (down: boolean) => {
      isDown = down
    },
    see: async (told: readonly Told[]) => {
      await watch.observe(told.map(recordOf).flatMap((record) => watch.read(record) ?? []))
      await watch.turn()
    },
    wait: async () => {
      await clock.leap(11 * 60_000)
      await watch.turn()
    },
    broken: (): Broken[] =>
      [...commits.values()].flatMap(({ events }) =>
        events.flatMap((told) => (told.type === 'InvariantBroken' ? [told.data] : [])),
      ),
  }
}

const drawn = (seed: string, steps: number): DrawnHistory => {
  const history = new DrawnHistory(new Dice(seed))
  for (let turn = 0; turn < steps; turn += 1) history.step()
  return history
}

const shuffled = (told: readonly Told[], dice: Dice): Told[] => {
  const keyed = told.flatMap((one, at) =>
    Array.from({ length: dice.chance(10) ? 2 : 1 }, () => ({ one, key: at + dice.below(12) })),
  )
  return keyed.sort((a, b) => a.key - b.key).map(({ one }) => one)
}

const kinds = (broken: readonly Broken[]) => [...new Set(broken.map(({ invariant }) => invariant))]

claims('what an auditor sees broken', {
  'nothing of a right history, whatever its order, its repetitions and restarts': async () => {
    for (const seed of ['right-1', 'right-2', 'right-3', 'right-4']) {
      const dice = new Dice(seed)
      const { told } = drawn(seed, 200)
      const asked = await askedIndex()
      const commits = new Map<string, NewCommit>()
      let world = watching(asked.index, commits)
      for (const one of shuffled(told, dice)) {
        await world.see([one])
        await asked.tell(one)
        if (dice.chance(2)) world = watching(asked.index, commits)
      }
      await world.wait()
      assert.equal(world.broken(), [], seed)
    }
  },

  'what comes behind a later one is not missing, and nobody needs to look it up': async () => {
    const dice = new Dice('late')
    const world = watching()
    for (const one of shuffled(drawn('late', 300).told, dice)) await world.see([one])
    await world.wait()
    assert.equal(world.broken(), [])
  },

  'a second successor of a refresh token': async () => {
    for (const restarts of [false, true]) {
      const history = drawn(`twice-${restarts}`, 40)
      const session = history.login()
      history.pass()
      history.refresh(session)
      const before = history.told.length
      const first = session.tokens.filter(({ kind }) => kind === 'refresh')[0]
      // The thief’s pair: the first token is rotated once more.
      session.tokens.push({ ...(first as NonNullable<typeof first>) })
      history.pass()
      history.refresh(session)
      const asked = await askedIndex()
      await asked.tell(...history.told.slice(0, before))
      const world = watching(asked.index)
      if (!restarts) await world.see(history.told.slice(0, before))
      await world.see(history.told.slice(before))
      assert.equal(kinds(world.broken()), ['one_successor'])
      assert.ok(world.broken().every(({ stream }) => stream === `s/${session.sid}`))
    }
  },

  'a session that goes on after its end, or after a cutoff, in whatever order it is told':
    async () => {
      for (const which of [0, 1, 2, 3]) {
        for (const order of ['told', 'restarted'] as const) {
          const history = drawn(`after-${which}`, 40)
          const session = history.login()
          while (session.endedAt === null) {
            history.pass()
            if (which === 3) history.end(session)
            else history.cutoff(which)
          }
          const before = history.told.length
          history.pass()
          history.refresh(session)
          const asked = await askedIndex()
          await asked.tell(...history.told.slice(0, before))
          const world = watching(asked.index)
          if (order === 'told') await world.see(history.told.slice(0, before))
          await world.see(history.told.slice(before))
          const found = world.broken().filter(({ stream }) => stream === `s/${session.sid}`)
          assert.equal(kinds(found), ['none_used_after_end'], `${which} ${order}`)
          assert.is(found.length, 1)
          history.pass()
          history.refresh(session)
          await world.see(history.told.slice(-3))
          assert.is(world.commits.size, 1, 'one breach is told once')
        }
      }
    },

  'a refresh token that was used after it expired': async () => {
    const history = new DrawnHistory(new Dice('expired'))
    const session = history.login()
    history.now += 25 * 3_600_000
    history.refresh(session)
    const world = watching()
    await world.see(history.told)
    assert.equal(kinds(world.broken()), ['none_used_after_end'])
  },

  'an event that is missing in a stream, once it is too late for it': async () => {
    const dice = new Dice('missing')
    let found = 0
    for (let turn = 0; turn < 60; turn += 1) {
      const { told } = drawn(`missing-${turn}`, 60)
      const gone = dice.pick(told)
      const [, stream = '', version = '', index = ''] = /^(.+):(\d+):(\d+)$/.exec(gone.id) ?? []
      const places = told
        .filter(({ id }) => id.startsWith(`${stream}:`))
        .map(({ id }) =>
          id
            .slice(stream.length + 1)
            .split(':')
            .map(Number),
        )
      const [v, i] = [Number(version), Number(index)]
      const hasEarlier = places.some(([one = 0, at = 0]) => one < v || (one === v && at < i))
      const hasNext = places.some(([one = 0, at = 0]) => one === v && at > i)
      const isWhole = i === 0 && places.some(([one = 0]) => one > v)
      // Neither the first of a stream nor the last of a version can be told to be missing.
      const isSeen = hasEarlier && (hasNext || isWhole)
      const world = watching()
      await world.see(told.filter((one) => one !== gone))
      assert.equal(
        world.broken().filter(({ invariant }) => invariant === 'none_missing'),
        [],
      )
      await world.wait()
      const missing = world.broken().filter(({ invariant }) => invariant === 'none_missing')
      assert.equal(
        missing.map(({ events }) => events[0]),
        isSeen ? [gone.id] : [],
      )
      found += missing.length
    }
    assert.ok(found > 20)
  },

  'what another auditor indexed is not missing, and a breach is told once over restarts':
    async () => {
      const { told } = drawn('indexed', 60)
      const session = told.find(({ id }) => id.endsWith(':2:0') && id.startsWith('s/'))
      const world = watching()
      await world.see(told.filter((one) => one !== session))
      const asked = await askedIndex(world.index)
      await asked.tell(...told)
      await world.wait()
      assert.equal(world.broken(), [])

      const history = new DrawnHistory(new Dice('again'))
      const ended = history.login()
      history.end(ended)
      history.pass()
      history.refresh(ended)
      const commits = new Map<string, NewCommit>()
      for (let turn = 0; turn < 3; turn += 1) {
        await watching(openMemoryAuditIndex(), commits).see(history.told)
      }
      assert.is(commits.size, 1)
    },

  'a breach that the store does not take waits until it does': async () => {
    const history = new DrawnHistory(new Dice('down'))
    const session = history.login()
    history.end(session)
    history.pass()
    history.refresh(session)
    const world = watching()
    world.setDown(true)
    await world.see(history.told).catch(() => {})
    assert.equal(world.broken(), [])
    assert.match(
      await world.meter.text(),
      /curfew_invariant_breaches_total\{invariant="none_used_after_end"\} 1/,
    )
    world.setDown(false)
    await world.watch.turn()
    assert.is(world.broken().length, 1)
  },
})
