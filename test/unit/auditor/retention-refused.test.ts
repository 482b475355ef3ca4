import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { indexPath, verifyExport } from '../../../services/auditor/exports/index.ts'
import { readMinimumIndex, treeFolder } from '../../../services/auditor/files/index.ts'
import { decideRetention, previewRetention } from '../../../services/auditor/retention/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { changeHolds, type HoldScope, withHold } from '../../../shared/fleet/holds/index.ts'
import { type AuthErrorCode, isAuthError } from '../../../shared/kernel/errors.ts'
import type {
  ClientId,
  EpochMs,
  EventId,
  SessionId,
  SubjectId,
} from '../../../shared/kernel/ids.ts'
import { anAct, noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, openLife, recordsOf, trailOf } from '../../support/trail/drawn-trail.ts'
import { exported, exportPath, hastyClock, verifiers } from '../../support/trail/exported-trail.ts'
import {
  asked,
  begun,
  longAfter,
  type RetainingTestParts,
  retained,
  retainingParts,
} from '../../support/trail/retained-trail.ts'

const folder = treeFolder(logId, 0)
const size = 900

const made = (async () => {
  const files = begun(new CrashingFiles())
  await trailOf(files, recordsOf(0, size))
  return files.disk
})()
/** A copy each. */
const trail = async (): Promise<CrashingFiles> => new CrashingFiles(await made)

const codeOf = async (work: () => Promise<unknown>): Promise<AuthErrorCode | 'none'> => {
  try {
    await work()
    return 'none'
  } catch (error) {
    if (isAuthError(error)) return error.code
    throw error
  }
}

const everything: HoldScope = { user: null, session: null, client: null, since: null, until: null }
/** Of the record at an offset: `recordAt`. */
const sessionAt = (offset: number): SessionId =>
  `5e55${String(offset).padStart(28, '0')}` as SessionId

const hold = async ({ store }: RetainingTestParts, scope: HoldScope): Promise<void> => {
  const placed = { id: '0123456789abcdef', scope, reason: 'case 7', at: noon, act: anAct }
  await changeHolds(store, (register) => withHold(register, placed))
}

const cut = 600
/** What goes then. */
const gone = 512

const dayMs = 86_400_000

/** A head a day, each behind a bundle; at `past` the clock stood so many days in the past. */
const daily = async (past: ReadonlyMap<number, number>): Promise<CrashingFiles> => {
  const files = begun(new CrashingFiles())
  const life = openLife({ files })
  for (let day = 0; day < daysMax; day += 1) {
    const end = (day + 1) * 256
    const records = recordsOf(day * 256, end)
    assert.equal(await life.add({ partition: 0, records, end }, async () => {}), [])
    const at = noon + day * dayMs
    life.seal((at - (past.get(day) ?? 0) * dayMs) as EpochMs, at as EpochMs)
  }
  return files
}
const daysMax = 8

claims('a retention is refused', {
  'by a hold on anything that would go, and by no other': () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constant({ scope: everything, isHeld: true }),
          // Its user is known, and the events of these sessions name none.
          fc
            .tuple(fc.integer({ min: 0, max: size - 1 }), fc.boolean())
            .map(([offset, isNamed]) => ({
              scope: {
                ...{ ...everything, session: sessionAt(offset) },
                user: isNamed ? ('somebody' as SubjectId) : null,
              },
              isHeld: offset < gone,
            })),
          fc.constantFrom('user', 'client').map((member) => ({
            scope: { ...everything, [member]: 'nobody' as SubjectId & ClientId },
            isHeld: false,
          })),
          fc
            .tuple(fc.integer({ min: -50, max: 1_000 }), fc.integer({ min: 1, max: 400 }))
            .map(([from, length]) => ({
              scope: {
                ...everything,
                since: (noon + from) as EpochMs,
                until: (noon + from + length) as EpochMs,
              },
              isHeld: from < gone && from + length > 0,
            })),
        ),
        async ({ scope, isHeld }) => {
          const files = await trail()
          const parts = retainingParts(files)
          await hold(parts, scope)
          const before = (noon + cut) as EpochMs
          const code = await codeOf(() => retained(parts, { before }))
          assert.is(code, isHeld ? 'LEGAL_HOLD' : 'none', JSON.stringify(scope))
          assert.is(readMinimumIndex(files, folder), isHeld ? 0 : gone)
          const { count } = await verifyTrail({ files, known: verifiers })
          assert.is(count, 0)
        },
      ),
      { numRuns: 40 },
    ),

  'by a hold that comes while it decides': async () => {
    const files = await trail()
    const parts = retainingParts(files)
    let isFirst = true
    const store: typeof parts.store = {
      ...parts.store,
      agree: async (name, value, instead) => {
        const held = value.includes('"told"') && isFirst
        if (held) {
          isFirst = false
          await hold(parts, everything)
        }
        return parts.store.agree(name, value, instead)
      },
    }
    const code = await codeOf(() => decideRetention({ ...parts, store }, asked()))
    assert.is(code, 'STORE_CONTENDED')
    assert.is(await codeOf(() => retained(parts)), 'LEGAL_HOLD')
    assert.is(readMinimumIndex(files, folder), 0)
  },

  'while its event is in the log and not in the trail, and goes on once it is': async () => {
    const files = await trail()
    const parts = retainingParts(files)
    const before = (noon + cut) as EpochMs
    const clock = { ...hastyClock(1_000), sleep: async () => {} }
    const tell: typeof parts.tell = async () => `x/${'0'.repeat(32)}:0:0` as EventId
    const waiting = { ...parts, clock, tell }
    assert.is(await codeOf(() => retained(waiting, { before })), 'RETENTION_PENDING')
    assert.is(await codeOf(() => retained(waiting, { before })), 'RETENTION_PENDING')
    assert.is(readMinimumIndex(files, folder), 0)
    assert.is((await verifyTrail({ files, known: verifiers })).count, 0)
    // What was decided is done, whatever is asked for then.
    await retained(parts, { before: (noon + 100) as EpochMs })
    assert.is(readMinimumIndex(files, folder), gone)
  },

  'unless an export that verifies has all of it, in whichever format': () =>
    inTempFolder('retention', async (dir) => {
      const files = begun(new CrashingFiles())
      await trailOf(files, recordsOf(0, 300))
      const early = join(dir, 'early')
      for (const one of [early, join(dir, 'late'), join(dir, 'part')]) mkdirSync(one)
      await exported({ files, dir: early })
      await trailOf(files, recordsOf(0, size))
      await exported({ files, dir: join(dir, 'late'), format: 'csv' })
      await exported({ files, dir: join(dir, 'part'), filter: { session: sessionAt(3) } })
      const parts = retainingParts(files)
      const code = (...exports: string[]) =>
        codeOf(() => decideRetention(parts, asked({ exports })))
      const earlyPath = exportPath(early)
      const latePath = exportPath(join(dir, 'late'), 'csv')
      assert.is(await code(earlyPath), 'RETENTION_UNCOVERED')
      assert.is(await code(exportPath(join(dir, 'part'))), 'RETENTION_UNCOVERED')
      assert.is(await code(), 'RETENTION_UNCOVERED')
      assert.is(await code(join(dir, 'none')), 'TRAIL_INVALID')
      await retained(parts, { exports: [earlyPath, indexPath(latePath)] })
      assert.is(readMinimumIndex(files, folder), 768)
      // What is left is exported, verifies by itself, and is enough for the next one.
      const next = join(dir, 'next')
      mkdirSync(next)
      await exported({ files, dir: next })
      const verified = await verifyExport(exportPath(next), verifiers)
      const { findings, isProven, index, lacking } = verified
      assert.is(lacking, 768)
      assert.equal([findings, isProven, index.events], [[], true, size + 1 - 768])
      assert.is(index.logs[0]?.begin?.size, 768)
      const life = openLife({ files })
      const records = recordsOf(size + 1, 1_400)
      assert.equal(await life.add({ partition: 0, records, end: 1_400 }, async () => {}), [])
      life.seal(longAfter, noon)
      const other = retainingParts(files, parts.store)
      const later = asked({ before: (longAfter + 1) as EpochMs, exports: [exportPath(next)] })
      assert.is(await codeOf(() => decideRetention(other, later)), 'RETENTION_UNCOVERED')
    }),

  'of what was signed behind the instant, wherever the clock of the auditor went back meanwhile':
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(daysMax - 1), fc.integer({ min: 1, max: 40 })), {
            maxLength: 3,
          }),
          fc.integer({ min: -3, max: daysMax }),
          async (past, day) => {
            const files = await daily(new Map(past))
            const before = (noon + day * dayMs) as EpochMs
            const { logs, count } = await previewRetention(retainingParts(files), asked({ before }))
            // Heads of the days before; the last leaf of all stays.
            const most = Math.min(Math.max(0, day), daysMax - 1) * 256
            assert.ok(count <= most, `${count} of ${most}`)
            if (past.length === 0) assert.is(logs[0]?.to ?? 0, most)
          },
        ),
        { numRuns: 40 },
      ),
})
