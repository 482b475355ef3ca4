import { readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openKeyFolder } from '../../../../services/cli/commands/keys.ts'
import { remove, rotate } from '../../../../services/gateway/keys/index.ts'
import { systemClock } from '../../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { loadRing, openKeyFiles } from '../../../../shared/tokens/key-rings/key-files.ts'
import { withKeyFolderLock } from '../../../../shared/tokens/key-rings/key-folder-lock.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { startProcess } from '../../../support/processes/processes.ts'
import { typescriptArgs } from '../../../support/processes/typescript-args.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'
import { race, until } from '../../../support/until.ts'

const inFolder = (work: (dir: string) => Promise<void>): Promise<void> => inTempFolder('lock', work)
const deskOf = (dir: string) => openKeyFolder({ CURFEW_KEYS_DIR: dir })
const locksIn = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir)).filter((name) => name.startsWith('keys.lock'))
const lockedBy = (dir: string, owner: object): Promise<void> =>
  writeFile(join(dir, 'keys.lock.7'), JSON.stringify({ id: 'x', host: hostname(), ...owner }))
/** The id of a process that is gone. */
const deadPid = async (): Promise<number> => {
  const { pid, ended } = startProcess({ name: 'gone', args: ['-e', ''], env: {} })
  await ended
  return pid
}

const holdsUntilKilled = (dir: string): readonly string[] => {
  const here = JSON.stringify(new URL('../../../../shared/', import.meta.url).href)
  const lock = "'tokens/key-rings/key-folder-lock.ts'"
  const code = `const { withKeyFolderLock } = await import(${here} + ${lock})
    const { systemEntropy: entropy } = await import(${here} + 'kernel/entropy.ts')
    await withKeyFolderLock(${JSON.stringify(dir)}, { entropy }, () => {
      console.log('held')
      return new Promise((resolve) => setTimeout(resolve, 600_000))
    })`
  return [...typescriptArgs, '--input-type=module', '-e', code]
}

claims('the lock of the key files', {
  'a removal and rotations at once: neither is lost, and nobody gets a key of their own': () =>
    inFolder(async (root) => {
      const dir = join(root, 'keys')
      const { access } = await openKeyFiles({ dir, entropy })
      const [stolen, next] = access.keys
      const removal = remove(deskOf(dir), 'signing', stolen?.kid ?? '', true)
      const rotations = race(4, () => rotate(deskOf(dir), 'signing', true))
      const [, lines] = await Promise.all([removal, rotations])
      const ring = await loadRing('access', dir)
      assert.is(ring.get(stolen?.kid ?? ''), undefined)
      assert.ok(ring.get(next?.kid ?? ''))
      // Two that read the same ring would let the same key sign, or lose the other's.
      const signed = new Set(lines.map((line) => line.split(' ')[0] ?? ''))
      assert.is(signed.size, 4)
      for (const kid of signed) assert.ok(ring.get(kid), kid)
      assert.is(ring.keys.filter(({ status }) => status === 'next').length, 1)
    }),

  'many workers are never inside together, and one lock is left': () =>
    inFolder(async (dir) => {
      const seen = { now: 0, most: 0, all: 0 }
      await race(12, () =>
        withKeyFolderLock(dir, { entropy }, async () => {
          seen.now += 1
          seen.all += 1
          seen.most = Math.max(seen.most, seen.now)
          await systemClock.sleep(1)
          seen.now -= 1
        }),
      )
      assert.equal(seen, { now: 0, most: 1, all: 12 })
      const left = await locksIn(dir)
      assert.ok(left.includes('keys.lock.12'))
      assert.ok(left.length <= 2)
      assert.is(await readFile(join(dir, 'keys.lock.12'), 'utf8'), '')
    }),

  'the lock of a process that died is followed, by one of all who wait': () =>
    inFolder(async (dir) => {
      await lockedBy(dir, { pid: await deadPid() })
      const seen = { now: 0, most: 0 }
      await race(8, () =>
        withKeyFolderLock(dir, { entropy }, async () => {
          seen.now += 1
          seen.most = Math.max(seen.most, seen.now)
          await systemClock.sleep(1)
          seen.now -= 1
        }),
      )
      assert.equal(seen, { now: 0, most: 1 })
    }),

  'another process that holds it is waited for; killed, it is followed': () =>
    inFolder(async (dir) => {
      const child = startProcess({ name: 'holder', args: holdsUntilKilled(dir), env: {} })
      await until('the other process holds the lock', () => child.output().includes('held'))
      let isIn = false
      const work = withKeyFolderLock(dir, { entropy }, async () => {
        isIn = true
      })
      await systemClock.sleep(100)
      assert.is(isIn, false)
      await child.kill9()
      await work
      assert.is(isIn, true)
    }),

  'a lock of another machine is never broken: the refusal names it and the file': () =>
    inFolder(async (dir) => {
      await lockedBy(dir, { pid: await deadPid(), host: 'elsewhere' })
      const clock = fakeClock()
      const failure = withKeyFolderLock(dir, { entropy, clock }, async () => {}).then(
        () => null,
        (error: unknown) => error,
      )
      let done = false
      void failure.finally(() => {
        done = true
      })
      await until('the wait is over', async () => {
        await clock.advance(1_000)
        return done
      })
      const error = await failure
      assert.ok(isAuthError(error, 'KEYS_LOCKED'))
      assert.match((error as Error).message, 'on elsewhere')
      assert.match((error as Error).message, join(dir, 'keys.lock.7'))
      assert.equal(await locksIn(dir), ['keys.lock.7'])
    }),

  'work that fails leaves the lock to the next': () =>
    inFolder(async (dir) => {
      const failed = withKeyFolderLock(dir, { entropy }, () =>
        Promise.reject(new Error('full disk')),
      )
      assert.is(await failed.catch((error: Error) => error.message), 'full disk')
      assert.is(await withKeyFolderLock(dir, { entropy }, async () => 'in'), 'in')
    }),
})
