import { SingleFlight } from '../../../../shared/kernel/concurrency/single-flight.ts'
import { assert, claims } from '../../../support/suite.ts'

/** Runs that end when the test says so; each answers its number. */
const stage = () => {
  const ends: Readonly<{ succeed: () => void; fail: (error: Error) => void }>[] = []
  const run = new SingleFlight(
    () =>
      new Promise<number>((resolve, reject) => {
        const number = ends.length
        ends.push({ succeed: () => resolve(number), fail: reject })
      }),
  )
  return { run, ends }
}

claims('The latest run', {
  'is shared by who takes what is under way': async () => {
    const { run, ends } = stage()
    const asked = [run.joinRunning(), run.joinRunning()]
    ends[0]?.succeed()
    assert.equal(await Promise.all(asked), [0, 0])
    assert.is(ends.length, 1)
    assert.ok(run.isIdle)
  },

  'is the next one for who needs an answer that is not older than the question': async () => {
    const { run, ends } = stage()
    const first = run.runAfresh()
    const later = [run.runAfresh(), run.runAfresh()]
    assert.is(ends.length, 1)
    assert.not.ok(run.isIdle)
    ends[0]?.succeed()
    assert.is(await first, 0)
    const joined = run.joinRunning()
    assert.is(ends.length, 2)
    ends[1]?.succeed()
    assert.equal(await Promise.all([...later, joined]), [1, 1, 1])
    assert.ok(run.isIdle)
  },

  'is one at a time, whenever somebody asks': async () => {
    let [active, most] = [0, 0]
    const run = new SingleFlight(async () => {
      active += 1
      most = Math.max(most, active)
      await Promise.resolve()
      active -= 1
    })
    const ask = async (turns: number): Promise<void> => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      await run.runAfresh()
    }
    await Promise.all(Array.from({ length: 40 }, (_, turns) => ask(turns)))
    assert.is(most, 1)
  },

  'goes on after one that failed, which alone is told so': async () => {
    const { run, ends } = stage()
    const first = run.runAfresh().catch((error: Error) => error.message)
    const second = run.runAfresh()
    ends[0]?.fail(new Error('the store is down'))
    assert.is(await first, 'the store is down')
    ends[1]?.succeed()
    assert.is(await second, 1)
    assert.ok(run.isIdle)
  },
})
