import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { indexPath, verifyExport } from '../../../services/auditor/exports/index.ts'
import { addLife } from '../../../services/auditor/files/index.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, recordAt, recordsOf, trailOf } from '../../support/trail/drawn-trail.ts'
import { exported, exportPath, verifiers, withTrail } from '../../support/trail/exported-trail.ts'

const later = `${logId}-2`

type Index = {
  readonly logs: readonly Readonly<{ life: string; partition: number; events: number }>[]
  readonly lives: readonly Readonly<{ life: string; first: string; newest: string }>[]
}

/** The export without the logs that `isKept` leaves out; its index fits what is left. */
const without = (
  dir: string,
  isKept: (log: Index['logs'][number]) => boolean,
  lives: (lives: Index['lives']) => Index['lives'] = (all) => all,
): void => {
  const path = exportPath(dir)
  const index = JSON.parse(readFileSync(indexPath(path), 'utf8')) as Index
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  const kept: string[] = []
  for (const log of index.logs) {
    const own = lines.splice(0, log.events)
    if (isKept(log)) kept.push(...own)
  }
  const text = kept.map((line) => `${line}\n`).join('')
  const changed = {
    ...index,
    ...{ logs: index.logs.filter(isKept), lives: lives(index.lives), events: kept.length },
    kinds: kept.length === 0 ? {} : { TokenRevoked: kept.length },
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
  }
  writeFileSync(path, text)
  writeFileSync(indexPath(path), JSON.stringify(changed))
}

const verified = (dir: string) => verifyExport(exportPath(dir), verifiers)

/** Of two lives, of which the first has two partitions. */
const twoLives = async (): Promise<CrashingFiles> => {
  const files = new CrashingFiles()
  addLife(files, logId)
  const records = [...recordsOf(0, 300), ...recordsOf(0, 20, 1)]
  await trailOf(files, records, { partitions: 2 })
  addLife(files, later)
  await trailOf(files, recordsOf(0, 40), { life: later, previous: logId })
  return files
}

const refusal = async (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  )

claims('an export of which nothing was left out', {
  'is complete up to the newest head, of several lives too': () =>
    inTempFolder('whole', async (dir) => {
      await exported({ files: await twoLives(), dir })
      const { findings, completeTo } = await verified(dir)
      assert.equal(findings, [])
      assert.match(String(completeTo), /^\d{4}-\d\d-\d\dT.*Z$/)
    }),

  'is told from one that a partition, a life or all of it was dropped from': () =>
    inTempFolder('dropped', async (dir) => {
      const files = await twoLives()
      const drops = [
        [({ partition }) => partition === 0, undefined, 'names 20 leaves, and 0 are there'],
        [({ life }) => life === later, undefined, 'names 300 leaves, and 0 are there'],
        [({ life }) => life === logId, undefined, 'names 40 leaves, and 0 are there'],
        [({ life }) => life === later, (all) => all.slice(1), 'goes on from .*/heads, which is'],
        [() => false, undefined, 'the index names no log'],
        [() => false, () => [], 'the index names no log'],
      ] as const satisfies readonly (readonly [
        (log: Index['logs'][number]) => boolean,
        ((lives: Index['lives']) => Index['lives']) | undefined,
        string,
      ])[]
      for (const [at, [isKept, lives, finding]] of drops.entries()) {
        await inTempFolder(`dropped-${at}`, async (other) => {
          await exported({ files, dir: other })
          without(other, isKept, lives)
          const { findings, completeTo } = await verified(other)
          assert.match(findings.join('\n'), new RegExp(finding))
          assert.is(completeTo, null)
        })
      }
      await exported({ files, dir })
      without(dir, () => true)
      assert.equal((await verified(dir)).findings, [], 'nothing was dropped')
    }),

  'is not what an index says that has no heads, or none of one life': () =>
    inTempFolder('headless', async (dir) => {
      await exported({ files: await twoLives(), dir })
      without(
        dir,
        ({ life }) => life === logId,
        () => [],
      )
      const first = await verified(dir)
      assert.equal([first.findings, first.isProven, first.completeTo], [[], true, null])
      const files = await twoLives()
      await inTempFolder('one', async (other) => {
        await exported({ files, dir: other })
        without(
          other,
          () => true,
          (all) => all.slice(0, 1),
        )
        assert.is((await verified(other)).completeTo, null)
      })
    }),

  'has heads that are signed, and are the first and the newest': () =>
    withTrail(async (files, dir) => {
      await exported({ files, dir })
      const path = indexPath(exportPath(dir))
      const text = readFileSync(path, 'utf8')
      const index = JSON.parse(text) as Index
      const [life] = index.lives
      if (!life) return assert.unreachable()
      const changes = [
        { ...life, newest: life.first },
        { ...life, first: life.newest },
        { ...life, newest: life.newest.replace(/extra ..../, 'extra AAAA') },
        { ...life, newest: '' },
        { ...life, life: later },
      ]
      for (const changed of changes) {
        writeFileSync(path, JSON.stringify({ ...index, lives: [changed] }))
        const { findings, completeTo } = await verified(dir)
        assert.match(findings.join('\n'), 'the heads of the export are not as they were signed')
        assert.is(completeTo, null)
      }
      writeFileSync(path, text)
      assert.equal((await verified(dir)).findings, [])
    }),

  'begins with what the newest head names, when more was signed since': () =>
    inTempFolder('since', async (dir) => {
      for (const isOther of [false, true]) {
        const files = new CrashingFiles()
        addLife(files, logId)
        await trailOf(files, recordsOf(0, 40))
        const heads = [...files.disk].filter(([path]) => path.includes('/heads/'))
        const grown = new CrashingFiles()
        addLife(grown, logId)
        const first = isOther ? recordAt(0, { session: 99 }) : recordAt(0)
        await trailOf(grown, [first, ...recordsOf(1, 60)])
        for (const path of [...grown.disk.keys()]) {
          if (path.includes('/heads/')) grown.disk.delete(path)
        }
        for (const [path, bytes] of heads) grown.disk.set(path, bytes)
        const other = join(dir, String(isOther))
        mkdirSync(other)
        assert.is((await exported({ files: grown, dir: other }))?.events, 60)
        const found = (await verified(other)).findings.join('\n')
        assert.is(found.includes('the root that the newest head names'), isOther)
      }
    }),

  'is refused when a log that the newest head names is gone from the trail': () =>
    withTrail(async (files, dir) => {
      files.disk.delete(`${logId}/1/checkpoint`)
      assert.match(await refusal(() => exported({ files, dir })), 'names 300 leaves, and 0')
    }),
})
