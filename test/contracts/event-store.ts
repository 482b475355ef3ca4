import type { Commit, NewCommit } from '../../shared/events/commit.ts'
import type { StreamId } from '../../shared/kernel/ids.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { contract } from '../support/contract.ts'
import {
  aClaim,
  aCommit,
  aCutoffCommit,
  aSessionState,
  aSid,
  noon,
} from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const asRead = (commit: NewCommit): Commit => ({ ...commit, published: null })

/** Appends versions 0 to `count - 1` of one stream; rejects when one is not admitted. */
const fill = async (
  store: EventStore,
  count: number,
  make: (v: number) => NewCommit,
): Promise<readonly NewCommit[]> => {
  const commits = Array.from({ length: count }, (_, v) => make(v))
  for (const commit of commits) {
    assert.equal(await store.append(commit), { outcome: 'appended' })
  }
  return commits
}

const versions = (commits: readonly Commit[]): number[] => commits.map(({ id }) => id.v)

/**
 * Appends, reads and agreements. See `event-store-relay.ts` and `event-store-pruning.ts` for the
 * rest.
 */
export const eventStoreContract = contract<EventStore>('event store', {
  'a commit is read back as it was appended': async (store) => {
    const { token } = aSessionState().current
    const rich = aCommit({
      session: aSessionState({
        recent: [{ version: 3, jti: token.jti, at: noon }],
        unlisted: { from: 0, to: 2 },
        epoch: { sub: 4, client: -1, all: 0 },
      }),
    })
    const request = 'Root=1-67891233-abcdef012345678912345678'
    const bare = { ...aCutoffCommit(), request }
    const sealed = { ...aCommit(), personal: '1;c0de;a:c2VhbGVk' }
    for (const commit of [rich, bare, sealed]) await store.append(commit)
    const streams = [rich.id.s, bare.id.s, sealed.id.s]
    assert.equal(await store.heads(streams), [asRead(rich), asRead(bare), asRead(sealed)])
    assert.equal(await store.read(rich.id.s, 0, 10), [asRead(rich)])
  },

  'heads are aligned with the streams asked for, null where there is none': async (store) => {
    const one = aCommit()
    const two = aCutoffCommit({ s: 'all' })
    await store.append(one)
    await store.append(two)
    const heads = await store.heads([two.id.s, `s/${aSid()}`, one.id.s, two.id.s])
    assert.equal(
      heads.map((head) => head?.claim ?? null),
      [two.claim, null, one.claim, two.claim],
    )
    assert.equal(await store.heads([]), [])
  },

  'the newest version is the greatest number, not the greatest text': async (store) => {
    const stream: StreamId = `s/${aSid()}`
    await fill(store, 12, (v) => aCommit({ s: stream, v }))
    assert.is((await store.heads([stream]))[0]?.id.v, 11)
    assert.equal(versions(await store.read(stream, 0, 100)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  },

  'a stream is read from a version up, in order, at most as many as asked': async (store) => {
    const stream: StreamId = `s/${aSid()}`
    await fill(store, 6, (v) => aCommit({ s: stream, v }))
    assert.equal(versions(await store.read(stream, 2, 3)), [2, 3, 4])
    assert.equal(versions(await store.read(stream, 5, 3)), [5])
    assert.equal(versions(await store.read(stream, 6, 3)), [])
  },

  'streams whose names begin alike are apart': async (store) => {
    const sub = 'a/b'
    await fill(store, 2, (v) => aCutoffCommit({ s: `u/${sub}`, v }))
    await fill(store, 3, (v) => aCutoffCommit({ s: `u/${sub}c`, v }))
    await fill(store, 1, (v) => aCutoffCommit({ s: 'u/all', v }))
    assert.equal(await store.heads(['all']), [null])
    assert.equal(versions(await store.read(`u/${sub}`, 0, 10)), [0, 1])
    assert.is((await store.heads([`u/${sub}`]))[0]?.id.v, 1)
  },

  'a taken version is a conflict that shows the newest commit and overwrites nothing': async (
    store,
  ) => {
    const stream: StreamId = `s/${aSid()}`
    const commits = await fill(store, 3, (v) => aCommit({ s: stream, v }))
    const result = await store.append(aCommit({ s: stream, v: 1 }))
    assert.equal(result, {
      outcome: 'conflict',
      newest: commits[2] ? asRead(commits[2]) : null,
    })
    assert.equal(await store.read(stream, 0, 10), commits.map(asRead))
  },

  'the same commit again is a conflict that shows its own claim': async (store) => {
    const commit = aCommit()
    await store.append(commit)
    const again = await store.append(commit)
    assert.is(again.outcome === 'conflict' && again.newest?.claim, commit.claim)
  },

  // asvs: 2.3.4
  'of 50 callers who race for one version, one wins and everybody reads it': async (store) => {
    const stream: StreamId = `s/${aSid()}`
    const commits = Array.from({ length: 50 }, () => aCommit({ s: stream, v: 0 }))
    const results = await Promise.all(commits.map((commit) => store.append(commit)))
    const winners = commits.filter((_, index) => results[index]?.outcome === 'appended')
    assert.is(winners.length, 1)
    const claim = winners[0]?.claim
    for (const result of results) {
      // What a loser is shown may lag behind the winner, and is never another loser.
      if (result.outcome === 'conflict' && result.newest) assert.is(result.newest.claim, claim)
    }
    assert.is((await store.heads([stream]))[0]?.claim, claim)
    assert.is((await store.read(stream, 0, 100)).length, 1)
  },

  'racing callers who take the next version each time leave a stream without a gap': async (
    store,
  ) => {
    const stream: StreamId = 'all'
    const wins = await race(10, async () => {
      let won = 0
      for (let turn = 0; turn < 5; turn += 1) {
        const v = ((await store.heads([stream]))[0]?.id.v ?? -1) + 1
        const { outcome } = await store.append(aCutoffCommit({ s: stream, v, claim: aClaim() }))
        if (outcome === 'appended') won += 1
      }
      return won
    })
    const total = wins.reduce((sum, won) => sum + won, 0)
    const read = versions(await store.read(stream, 0, 100))
    assert.equal(
      read,
      Array.from({ length: total }, (_, v) => v),
    )
  },

  'a read sees what was acknowledged before it began': async (store) => {
    await race(25, async () => {
      const commit = aCommit()
      await store.append(commit)
      assert.is((await store.heads([commit.id.s]))[0]?.claim, commit.claim)
      assert.is((await store.read(commit.id.s, 0, 1)).length, 1)
    })
  },

  'a name is agreed once, whoever asks and whatever they say': async (store) => {
    const answers = await race(50, (index) => store.agree('key', `value ${index}`))
    assert.is(new Set(answers).size, 1)
    assert.is(await store.agree('key', 'too late'), answers[0])
    assert.is(await store.agree('another key', 'x'), 'x')
  },

  'what is agreed changes for whoever names it, and for one of those who do at once': async (
    store,
  ) => {
    await store.agree('name', 'old')
    assert.is(await store.agree('name', 'new', 'never in force'), 'old')
    const answers = await race(20, (index) => store.agree('name', `new ${index}`, 'old'))
    assert.is(new Set(answers).size, 1)
    assert.ok(answers[0]?.startsWith('new '))
    assert.is(await store.agree('name', 'old'), answers[0])
    assert.is(await store.agree('unknown', 'x', 'y'), 'x')
  },
})
