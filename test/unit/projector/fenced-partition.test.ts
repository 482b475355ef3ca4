import { setImmediate as turn } from 'node:timers/promises'
import { FencedPartition, type WriteChanges } from '../../../services/projector/fenced-partition.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { Fence } from '../../../shared/ports/blacklist-view.ts'
import { assert, claims } from '../../support/suite.ts'

const fence: Fence = { topic: 'auth.events', partition: 0, fence: 1, next: 0, logId: null }
const nothing = { entries: [], sessions: [], closed: null, logId: null, deadLetters: [] }
const projection = { ...nothing, unreadableAt: null, foreign: null, forged: 0, erasures: [] }

/** A partition whose writes end when, and as, the test says; it notes where each of them ended. */
const held = () => {
  const begun: number[] = []
  const ends: ((answer: 'written' | 'fenced' | 'failed') => void)[] = []
  const write: WriteChanges = (now, { next }) => {
    begun.push(next)
    return new Promise((resolve, reject) => {
      ends.push((answer) => {
        if (answer === 'failed') reject(new AuthError('STORE_UNAVAILABLE', 'down'))
        else resolve(answer === 'fenced' ? 'fenced' : { ...now, next })
      })
    })
  }
  const partition = new FencedPartition(fence, write)
  const gather = (next: number): void => partition.gathered.add(projection, { records: 1, next })
  const end = async (answer: 'written' | 'fenced' | 'failed'): Promise<void> => {
    ends.shift()?.(answer)
    await turn()
  }
  return { begun, partition, gather, end }
}

claims('a partition that a projector holds', {
  'gathers on while it writes, and writes one after another': async () => {
    const { begun, partition, gather, end } = held()
    gather(5)
    assert.is(await partition.write(true), 'folded')
    assert.is(partition.gathered.next, 5)
    gather(9)
    const second = partition.write(false)
    await turn()
    assert.equal(begun, [5])
    await end('written')
    assert.equal(begun, [5, 9])
    assert.is(partition.fence.next, 5)
    await end('written')
    assert.is(await second, 'folded')
    assert.is(partition.fence.next, 9)
    assert.ok(partition.gathered.isEmpty)
  },

  'writes what failed again before anything else, however often': async () => {
    const { begun, partition, gather, end } = held()
    gather(5)
    await partition.write(true)
    await end('failed')
    gather(9)
    for (let tries = 0; tries < 2; tries += 1) {
      const writing = partition.write(false).catch((error: unknown) => error)
      await turn()
      await end('failed')
      assert.instance(await writing, AuthError)
    }
    const writing = partition.write(false)
    await turn()
    await end('written')
    await end('written')
    assert.is(await writing, 'folded')
    assert.equal(begun, [5, 5, 5, 5, 9])
  },

  'writes nothing more once another one has the fence': async () => {
    const { begun, partition, gather, end } = held()
    gather(5)
    await partition.write(true)
    await end('fenced')
    gather(9)
    assert.is(await partition.write(false), 'fenced')
    assert.equal(begun, [5])
  },

  'is idle when the last write has ended, whatever came of it': async () => {
    const { partition, gather, end } = held()
    await partition.idle()
    gather(5)
    await partition.write(true)
    let isIdle = false
    const idle = partition.idle().then(() => {
      isIdle = true
    })
    await turn()
    assert.not.ok(isIdle)
    await end('failed')
    await idle
  },
})
