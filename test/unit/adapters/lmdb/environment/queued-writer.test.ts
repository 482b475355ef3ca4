import { setImmediate as turn } from 'node:timers/promises'
import {
  QueuedWriter,
  type WriterLink,
} from '../../../../../shared/adapters/lmdb/environment/queued-writer.ts'
import { SharedCount } from '../../../../../shared/adapters/lmdb/environment/shared-count.ts'
import { Dice } from '../../../../support/fakes/dice.ts'
import { assert, claims } from '../../../../support/suite.ts'

/** Another side that deals with messages when it is told to, and whose answers come even later. */
const slowSide = (shows: boolean) => {
  const messages: Parameters<WriterLink['send']>[0][] = []
  const done = new SharedCount(SharedCount.shared())
  let dealt = 0
  let heard = 0
  const writer: QueuedWriter = new QueuedWriter('data', {
    send: (requests) => void messages.push(requests),
    keepAlive: () => {},
    close: async () => {},
    ...(shows && { open: (sent: number) => done.behind(sent) }),
  })
  return {
    messages,
    writer,
    open: () => messages.length - (shows ? dealt : heard),
    deal: () => {
      dealt = messages.length
      done.set(dealt)
    },
    answer: () => {
      while (heard < dealt) {
        const answers = (messages[heard] ?? []).map(([id]) => [id, id, null] as const)
        heard += 1
        writer.hear(answers, 'good')
      }
    },
  }
}

/** Drawn orders of asking, dealing, answering and turns of the event loop. */
const playDrawn = async (seed: number, shows: boolean): Promise<void> => {
  const dice = new Dice(String(seed))
  const side = slowSide(shows)
  const answers: Promise<unknown>[] = []
  for (let step = 0; step < 60; step += 1) {
    const what = dice.below(5)
    if (what < 2) answers.push(side.writer.run('log', 'publish', [answers.length]))
    if (what === 2) side.deal()
    if (what === 3) side.answer()
    if (what === 4) await turn()
    assert.ok(side.open() <= 2, `seed ${seed}, step ${step}: ${side.open()} at once`)
  }
  for (let round = 0; round < 120; round += 1) {
    side.deal()
    side.answer()
    await turn()
  }
  const sent = side.messages.flat().map(([, , , [nth]]) => nth)
  assert.equal(sent, [...answers.keys()], `seed ${seed}`)
  assert.is((await Promise.all(answers)).length, sent.length)
}

claims('queued writer', {
  'who has nothing to do is asked at once, and with what was asked for meanwhile': async () => {
    const side = slowSide(true)
    const sizes = (): number[] => side.messages.map(({ length }) => length)
    for (let i = 0; i < 4; i += 1) void side.writer.run('log', 'publish', [i])
    assert.equal(sizes(), [1], 'the first within this turn, the others wait for its end')
    side.deal()
    void side.writer.run('log', 'publish', [4])
    assert.equal(sizes(), [1, 4], 'before any answer came')
    void side.writer.run('log', 'publish', [5])
    await turn()
    assert.equal(sizes(), [1, 4, 1], 'one message waits while another is dealt with')
    void side.writer.run('log', 'publish', [6])
    await turn()
    assert.equal(sizes(), [1, 4, 1], 'and no second one')
  },

  'each is sent once, in order, two messages ahead at most, however asked and answered':
    async () => {
      for (let seed = 0; seed < 60; seed += 1) {
        await playDrawn(seed, true)
        await playDrawn(seed, false)
      }
    },

  'a count that begins anew after 2^32 still tells how much is open': () => {
    const count = new SharedCount(SharedCount.shared())
    for (const sent of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7]) {
      count.set(sent)
      assert.is(count.behind(sent), 0)
      assert.is(count.behind(sent + 2), 2)
    }
  },
})
