import { coalescedHeadReads } from '../../../../../shared/adapters/mongo/commits/event-store.ts'
import type { Commit } from '../../../../../shared/events/commit.ts'
import { everyoneStream, type StreamId } from '../../../../../shared/kernel/ids.ts'
import { assert, claims } from '../../../../support/suite.ts'

type Reading = Readonly<{
  stream: StreamId
  end: (newest: Commit | null) => void
  fail: () => void
}>

/** Reads that end when the test says so. */
const stage = () => {
  const readings: Reading[] = []
  const head = coalescedHeadReads(
    (stream) =>
      new Promise((resolve, reject) => {
        readings.push({ stream, end: resolve, fail: () => reject(new Error('the store is down')) })
      }),
  )
  return { head, readings }
}
const commit = (v: number): Commit => ({ id: { s: everyoneStream, v } }) as Commit
const other = 's/other' as StreamId

claims('heads that many ask for', {
  'are read once for all who asked before the read began, and never for who asked after':
    async () => {
      const { head, readings } = stage()
      const first = head(everyoneStream)
      const later = [head(everyoneStream), head(everyoneStream), head(everyoneStream)]
      assert.is(readings.length, 1)
      readings[0]?.end(commit(1))
      assert.is((await first)?.id.v, 1)
      assert.is(readings.length, 2)
      const latest = head(everyoneStream)
      readings[1]?.end(commit(2))
      assert.equal(
        (await Promise.all(later)).map((newest) => newest?.id.v),
        [2, 2, 2],
      )
      assert.is(readings.length, 3, 'the one that asked during the second read')
      readings[2]?.end(commit(3))
      assert.is((await latest)?.id.v, 3)
    },

  'wait for no other stream': async () => {
    const { head, readings } = stage()
    const waiting = head(everyoneStream)
    const asked = head(other)
    assert.equal(
      readings.map(({ stream }) => stream),
      [everyoneStream, other],
    )
    readings[1]?.end(null)
    assert.is(await asked, null)
    readings[0]?.end(null)
    assert.is(await waiting, null)
  },

  'fail together, and are read again for the next': async () => {
    const { head, readings } = stage()
    const first = head(everyoneStream)
    const second = head(everyoneStream)
    readings[0]?.fail()
    assert.match(String(await first.catch(String)), 'the store is down')
    readings[1]?.fail()
    assert.match(String(await second.catch(String)), 'the store is down')
    const third = head(everyoneStream)
    readings[2]?.end(commit(4))
    assert.is((await third)?.id.v, 4)
  },
})
