import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  followTrail,
  type Position,
  PositionFile,
  parseTrailPosition,
  trailPositionText,
} from '../../../services/auditor/exports/index.ts'
import { addLife, type TrailFiles } from '../../../services/auditor/files/index.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, recordsOf, trailOf } from '../../support/trail/drawn-trail.ts'
import { verifiers } from '../../support/trail/exported-trail.ts'

const later = `${logId}-2`

/** What a follower gives until it has `count` leaves, as `log:index`. */
const followed = async (
  files: TrailFiles,
  from: Position,
  count: number,
  onLeaf: (met: number) => Promise<void> | void = () => {},
): Promise<readonly string[]> => {
  const stop = new AbortController()
  const met: string[] = []
  const clock = { ...systemClock, sleep: () => systemClock.sleep(1) }
  const options = { files, known: () => verifiers, from, stop: stop.signal, clock }
  for await (const leaf of followTrail(options)) {
    if (leaf === null) continue
    met.push(`${leaf.life}/${leaf.partition}:${leaf.index}`)
    await onLeaf(met.length)
    if (met.length === count) stop.abort()
  }
  return met
}

const inLife = (life: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `${life}/0:${from + at}`)

claims('a follower of the trail', {
  'meets what is signed meanwhile, in lives that begin meanwhile too': async () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    await trailOf(files, recordsOf(0, 300))
    const met = await followed(files, new Map(), 1_000, async (count) => {
      if (count === 300) await trailOf(files, recordsOf(0, 700))
      if (count !== 700) return
      addLife(files, later)
      await trailOf(files, recordsOf(0, 300), { life: later })
    })
    assert.equal(met, [...inLife(logId, 0, 700), ...inLife(later, 0, 300)])
  },

  'begins where another one ended, and nothing is lost or comes twice': async () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    await trailOf(files, recordsOf(0, 600))
    for (const at of [1, 255, 256, 257, 599]) {
      const first = await followed(files, new Map(), at)
      const next = parseTrailPosition(`${logId}/0:${at}`)
      const rest = await followed(files, next, 600 - at)
      assert.equal([...first, ...rest], inLife(logId, 0, 600))
    }
  },

  'a position is a text and back, and what is none is refused': () => {
    const text = `${logId}/0:17,${later}/11:0`
    assert.is(trailPositionText(parseTrailPosition(text)), text)
    assert.is(parseTrailPosition('').size, 0)
    for (const bad of ['x', `${logId}/0`, `${logId}/0:-1`, `${logId}/0:1;`, 'end', `${logId}/:1`]) {
      assert.throws(() => parseTrailPosition(bad), /is no LIFE\/PARTITION:INDEX/)
    }
  },

  'the file with the position is behind by what a pipe may hold, and says all at the end': () =>
    inTempFolder('position', async (dir) => {
      const path = join(dir, 'position')
      assert.is(PositionFile.read(path), null)
      const file = new PositionFile(path, new Map([[`${later}/0`, 7]]))
      const saved = (): string => {
        file.save()
        return readFileSync(path, 'utf8')
      }
      for (let index = 0; index < 100; index += 1) file.sent(`${logId}/0`, index, 1_000)
      // 66 lines of 1,000 bytes are more than a pipe of 65,536 holds.
      assert.is(saved(), `${later}/0:7,${logId}/0:34\n`)
      file.sent(`${logId}/0`, 100, 0)
      assert.is(saved(), `${later}/0:7,${logId}/0:34\n`)
      file.end()
      assert.equal(PositionFile.read(path), parseTrailPosition(`${later}/0:7,${logId}/0:101`))
    }),

  'of a rare kind, the position goes on with what is passed over, and no memory is held for it':
    () =>
      inTempFolder('rare', async (dir) => {
        const path = join(dir, 'position')
        const file = new PositionFile(path, new Map())
        const saved = (): string => {
          file.save()
          return readFileSync(path, 'utf8')
        }
        const passOver = (from: number, to: number): void => {
          for (let index = from; index < to; index += 1) {
            for (const log of [logId, later]) file.sent(`${log}/0`, index, 0)
          }
        }
        passOver(0, 500)
        assert.is(saved(), `${logId}/0:500,${later}/0:500\n`)
        file.sent(`${logId}/0`, 500, 300)
        const before = process.memoryUsage().heapUsed
        passOver(501, 500_000)
        const megabytes = (process.memoryUsage().heapUsed - before) / 1e6
        assert.ok(megabytes < 30, `${megabytes} MB are held`)
        assert.is(saved(), `${logId}/0:500,${later}/0:500\n`, 'the event may lie in the pipe')
        file.end()
        assert.is(saved(), `${logId}/0:500000,${later}/0:500000\n`)
      }),
})
