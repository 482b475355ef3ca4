import { RepeatedTrouble } from '../../../../shared/kernel/logging/repeated-trouble.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

/** Meets each of `causes` in turn, four times a second for `seconds`; the lines it told. */
const lines = async (seconds: number, ...causes: readonly string[]): Promise<string[]> => {
  const clock = fakeClock()
  const told = new RepeatedTrouble(clock)
  const lines: string[] = []
  for (let turn = 0; turn < seconds * 4; turn += 1) {
    const cause = causes[turn % causes.length] ?? ''
    const times = told.occurred(cause)
    if (times !== null) lines.push(`${cause} ${times}`)
    await clock.advance(250)
  }
  return lines
}

claims('A trouble that repeats', {
  'is told when it begins, and then once a minute with how often it was met': async () => {
    assert.equal(await lines(120, 'down'), ['down 1', 'down 240'])
    assert.equal(await lines(121, 'down'), ['down 1', 'down 240', 'down 240'])
  },

  'is told when its cause changes, and not when two causes take turns': async () => {
    assert.equal(await lines(30, 'down', 'refused'), ['down 1', 'refused 1'])
  },

  'floods nothing with causes that are never the same': async () => {
    const clock = fakeClock()
    const told = new RepeatedTrouble(clock)
    let count = 0
    for (let turn = 0; turn < 4_000; turn += 1) {
      if (told.occurred(`cause ${turn}`) !== null) count += 1
      if (turn % 2 === 0) told.ended()
      await clock.advance(15)
    }
    assert.is(count, 6)
  },

  'has an end that says how often it was met, and a next beginning': () => {
    const told = new RepeatedTrouble(fakeClock())
    assert.is(told.ended(), null)
    assert.is(told.occurred('down'), 1)
    assert.is(told.occurred('down'), null)
    assert.is(told.ended(), 2)
    assert.is(told.ended(), null)
    assert.is(told.occurred('down'), 1)
  },
})
