import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { TrailLock } from '../../../services/auditor/files/index.ts'
import {
  ownIdentity,
  type ProcessIdentity,
} from '../../../services/auditor/files/process-identity.ts'
import { TrailWorkerHost } from '../../../services/auditor/thread/index.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { anEventCheck } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'none'
  } catch (error) {
    return isAuthError(error) ? error.code : String(error)
  }
}

const own = ownIdentity()
const readers = 'own'
/** Of a process in another container. */
const elsewhere: ProcessIdentity = { ...own, space: 'pid:[1]' }
const inFolder = <T>(work: (dir: string) => Promise<T>): Promise<T> => inTempFolder('lock', work)

const threadIn = (base: string): TrailWorkerHost =>
  new TrailWorkerHost(
    { dir: join(base, 'trail'), keysDir: join(base, 'keys'), groupAccess: 'none', host: 'h/audit' },
    anEventCheck(),
    { onAlarm: () => {}, onSealed: () => {}, onVerified: () => {} },
  )

claims('the lock of a trail’s folder', {
  'it is held by one, and goes on to the next when it is let go of': () =>
    inFolder(async (dir) => {
      const clock = fakeClock()
      for (let round = 0; round < 5; round += 1) {
        const lock = await TrailLock.taken({ dir, readers, id: `a${round}`, clock })
        assert.is(
          await codeOf(() => TrailLock.taken({ dir, readers, id: 'b', clock })),
          'TRAIL_LOCKED',
        )
        lock.hold()
        lock.release()
      }
    }),

  'the folder that it makes is open to whom the trail is': () =>
    inFolder(async (base) => {
      for (const [who, mode] of [
        ['own', 0o700],
        ['group', 0o750],
      ] as const) {
        const dir = join(base, who)
        await TrailLock.taken({ dir, readers: who, id: 'a', clock: fakeClock() })
        assert.is(statSync(dir).mode & 0o777, mode)
      }
    }),

  'what a process left that is no more is taken at once': () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Partial<ProcessIdentity>>(
          { pid: 2 ** 22 + 1 },
          { began: '1' },
          { began: '' },
        ),
        fc.integer({ min: 1, max: 1_000_000 }),
        (difference, number) =>
          inFolder(async (dir) => {
            const mark = { ...own, ...difference }
            writeFileSync(join(dir, `lock.${number}`), JSON.stringify({ mark, id: 'x' }))
            const lock = await TrailLock.taken({ dir, readers, id: 'b', clock: fakeClock() })
            lock.hold()
          }),
      ),
      { numRuns: 20 },
    ),

  'what was cut off while it was written is nobody’s': () =>
    fc.assert(
      fc.asyncProperty(fc.nat(100), (length) =>
        inFolder(async (dir) => {
          const text = JSON.stringify({ mark: own, id: 'x' }).slice(0, length)
          writeFileSync(join(dir, 'lock.7'), text.slice(0, -1))
          ;(await TrailLock.taken({ dir, readers, id: 'b', clock: fakeClock() })).hold()
        }),
      ),
      { numRuns: 20 },
    ),

  'of a process that cannot be seen, a touch keeps it, and 30 s of silence end it': () =>
    inFolder(async (dir) => {
      const clock = fakeClock()
      const lock = await TrailLock.taken({ dir, readers, id: 'a', clock, own: elsewhere })
      const waiting = codeOf(() => TrailLock.taken({ dir, readers, id: 'b', clock }))
      await clock.advance(6_000)
      lock.hold()
      await clock.advance(1_000)
      assert.is(await waiting, 'TRAIL_LOCKED')
      const taking = TrailLock.taken({ dir, readers, id: 'c', clock })
      await clock.advance(31_000)
      ;(await taking).hold()
      assert.is(await codeOf(() => lock.hold()), 'TRAIL_LOCKED')
    }),

  'of many who wait for one that is silent, one takes it': () =>
    inFolder(async (dir) => {
      const clock = fakeClock()
      await TrailLock.taken({ dir, readers, id: 'a', clock, own: elsewhere })
      const codes = Array.from({ length: 20 }, (_, at) =>
        codeOf(() => TrailLock.taken({ dir, readers, id: `b${at}`, clock })),
      )
      await clock.advance(31_000)
      const ended = (await Promise.all(codes)).toSorted()
      assert.equal(ended, [...Array<string>(19).fill('TRAIL_LOCKED'), 'none'])
    }),

  'an auditor that is told to end does not wait for one that it cannot see': () =>
    inFolder(async (dir) => {
      const clock = fakeClock()
      await TrailLock.taken({ dir, readers, id: 'a', clock, own: elsewhere })
      const stop = new AbortController()
      const waiting = codeOf(() =>
        TrailLock.taken({ dir, readers, id: 'b', clock, stop: stop.signal }),
      )
      stop.abort()
      assert.is(await waiting, 'TRAIL_LOCKED')
    }),

  'the second of two threads on one folder ends with the code, and the next one may begin': () =>
    inFolder(async (base) => {
      const first = threadIn(base)
      await first.begin('a'.repeat(32), 1)
      const ended = await threadIn(base).ended
      assert.ok(isAuthError(ended, 'TRAIL_LOCKED'), String(ended))
      await first.close()
      const next = threadIn(base)
      await next.begin('a'.repeat(32), 1)
      await next.close()
    }),
})
