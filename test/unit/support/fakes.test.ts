import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'

claims('the fake clock', {
  'sleepers wake in the order of their due times, each at its own instant': async () => {
    const clock = fakeClock(1000)
    const woken: string[] = []
    const nap = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms)
      woken.push(`${name} at ${clock.now()}`)
      if (name === 'b') await nap('b again', 5)
    }
    const naps = [nap('a', 30), nap('b', 10)]
    await clock.advance(20)
    assert.equal(woken, ['b at 1010', 'b again at 1015'])
    assert.equal([clock.now(), clock.monotonicMs(), clock.sleeping()], [1020, 20, 1])
    await clock.advance(10)
    await Promise.all(naps)
    assert.equal(woken.at(-1), 'a at 1030')
  },

  'an abort wakes at once; a jump wakes nobody': async () => {
    const clock = fakeClock(1000)
    const stop = new AbortController()
    const nap = clock.sleep(50, stop.signal)
    clock.jump(9000)
    assert.equal([clock.now(), clock.monotonicMs(), clock.sleeping()], [10_000, 0, 1])
    stop.abort()
    await nap
    assert.is(clock.sleeping(), 0)
    await clock.sleep(50, stop.signal)
  },
})

claims('seeded entropy', {
  'one seed gives one sequence, whatever the portions': () => {
    const one = seededEntropy(7)
    const other = seededEntropy(7)
    const portions = Buffer.concat([other.bytes(1), other.bytes(40), other.bytes(9)])
    assert.equal(one.bytes(50), portions)
    assert.not.equal(seededEntropy(8).bytes(50), portions)
  },
})

claims('until and race', {
  'until waits for what it names, and says so in vain': async () => {
    let looks = 0
    await until('three looks', () => {
      looks += 1
      return looks === 3
    })
    const failure = await until('pigs fly', () => false, 20).catch((error: unknown) => error)
    assert.match(String(failure), 'pigs fly')
  },

  'race answers in the order of the calls': async () => {
    assert.equal(await race(3, async (index) => index * 2), [0, 2, 4])
  },
})
