import { CallHealth, recordOutcomes } from '../../../../shared/kernel/process/call-health.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

claims('evidence', {
  'is none at first, then fresh at once, then old by silence alone': async () => {
    const clock = fakeClock()
    const evidence = new CallHealth(clock, 5_000)
    assert.is(evidence.state(), 'none')
    evidence.failed(new Error('away'))
    assert.is(evidence.state(), 'none')
    evidence.succeeded()
    assert.is(evidence.state(), 'fresh')
    await clock.advance(5_000)
    assert.is(evidence.state(), 'fresh')
    await clock.advance(1)
    assert.is(evidence.state(), 'old')
  },

  'outlives failures that are shorter than its bound': async () => {
    const clock = fakeClock()
    const evidence = new CallHealth(clock, 5_000)
    evidence.succeeded()
    for (let turn = 0; turn < 4; turn += 1) {
      await clock.advance(4_900)
      evidence.failed(new Error('an election'))
      assert.is(evidence.state(), 'fresh')
      evidence.succeeded()
      assert.is(evidence.failure, null)
      assert.is(evidence.state(), 'fresh')
    }
  },

  'settles for a second after a gap': async () => {
    const clock = fakeClock()
    const evidence = new CallHealth(clock, 5_000)
    evidence.succeeded()
    await clock.advance(6_000)
    evidence.succeeded()
    assert.is(evidence.state(), 'settling')
    await clock.advance(999)
    evidence.succeeded()
    assert.is(evidence.state(), 'settling')
    await clock.advance(1)
    assert.is(evidence.state(), 'fresh')
  },

  'counts failures since the last success, for a while': async () => {
    const clock = fakeClock()
    const evidence = new CallHealth(clock, 5_000)
    evidence.failed(new Error('one'))
    evidence.failed(new Error('two'))
    assert.is(evidence.failuresWithin(1_000), 2)
    await clock.advance(1_001)
    assert.is(evidence.failuresWithin(1_000), 0)
    evidence.failed(new Error('three'))
    assert.is(evidence.failuresWithin(1_000), 3)
    evidence.succeeded()
    assert.is(evidence.failuresWithin(1_000), 0)
  },

  'hears of the calls of a port that it watches, and changes none': async () => {
    class Port {
      readonly #secret = 7
      readonly name = 'port'
      async good(more: number): Promise<number> {
        return this.#secret + more
      }
      async bad(): Promise<never> {
        throw new Error(`no ${this.#secret}`)
      }
      async other(): Promise<number> {
        return this.#secret
      }
    }
    const heard: string[] = []
    const port = recordOutcomes(new Port(), ['good', 'bad'], (failure) =>
      heard.push(failure?.message ?? 'ok'),
    )
    assert.is(await port.good(1), 8)
    assert.is(await port.other(), 7)
    assert.is(port.name, 'port')
    assert.is(await port.bad().catch((error: Error) => error.message), 'no 7')
    assert.equal(heard, ['ok', 'no 7'])
  },
})
