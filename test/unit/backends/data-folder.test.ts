import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { backendFields } from '../../../shared/backends/config.ts'
import { openBackends } from '../../../shared/backends/open-backends.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import {
  type GroupAccess,
  groupAccesses,
} from '../../../shared/tokens/secret-files/file-permissions.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777

/** Opens the embedded backends on `dir` as every command does; why not, when it is refused. */
const refusalOf = async (
  dir: string,
  groupAccess: GroupAccess = 'none',
): Promise<string | null> => {
  const env = { CURFEW_DATA_DIR: dir, CURFEW_KEYS_GROUP_ACCESS: groupAccess }
  const parts = new Lifecycle()
  const config = readConfig(backendFields, env)
  const longestLifetimeMs = 300_000
  try {
    await openBackends({
      config,
      clock,
      entropy,
      logger,
      parts,
      service: 'test',
      longestLifetimeMs,
    })
    return null
  } catch (error) {
    if (error instanceof AuthError) return `${error.code}: ${error.message}`
    throw error
  } finally {
    await parts.close()
  }
}

const needed = (mode: number): GroupAccess =>
  (mode & 0o020) !== 0 ? 'write' : (mode & 0o070) !== 0 ? 'read' : 'none'
const isGood = (mode: number, given: GroupAccess): boolean =>
  (mode & 0o007) === 0 && groupAccesses.indexOf(needed(mode)) <= groupAccesses.indexOf(given)

const underUmask = async <T>(mask: number, work: () => Promise<T>): Promise<T> => {
  const before = process.umask(mask)
  try {
    return await work()
  } finally {
    process.umask(before)
  }
}

claims('the folder of the embedded store', {
  // asvs: 13.3.2, 14.2.4
  'is made so that nobody else can enter it, with files of nobody else, whatever the umask': () =>
    inTempFolder('data-folder', async (folder) => {
      for (const mask of [0, 0o022, 0o077]) {
        const dir = join(folder, `umask-${mask}`, 'data')
        await underUmask(mask, async () => assert.is(await refusalOf(dir), null))
        assert.is(octal(await modeOf(dir)), '0700')
        for (const name of await readdir(dir)) {
          assert.is(octal(await modeOf(join(dir, name))), '0600', name)
        }
      }
    }),

  // asvs: 13.3.2
  'is refused when others, or a group that no setting trusts, may do anything with it': () =>
    inTempFolder('data-folder', async (folder) => {
      const dir = join(folder, 'data')
      assert.is(await refusalOf(dir), null)
      const drawer = new Dice('data folders')
      const drawn = Array.from({ length: 24 }, () => drawer.below(0o100))
      for (const bits of [0o001, 0o004, 0o005, 0o055, 0o050, 0o070, ...drawn]) {
        for (const groupAccess of groupAccesses) {
          await chmod(dir, 0o700 | bits)
          const refusal = await refusalOf(dir, groupAccess)
          const what = `${octal(0o700 | bits)} ${groupAccess}: ${refusal}`
          assert.is(refusal === null, isGood(bits, groupAccess), what)
          if (refusal === null) continue
          assert.match(refusal, /^DATA_EXPOSED: /)
          assert.ok(refusal.includes(`(mode ${octal(0o700 | bits)})`), what)
          assert.ok(refusal.includes(`Run: chmod 700 ${dir}`), what)
          assert.ok(refusal.includes(`CURFEW_DATA_DIR=${dir}/curfew`), what)
          const setting = /CURFEW_KEYS_GROUP_ACCESS=(\w+)/.exec(refusal)?.[1] ?? null
          assert.is(setting, (bits & 0o007) === 0 ? needed(bits) : null, what)
        }
      }
    }),

  'is refused for a file in it that is open, although the folder is not': () =>
    inTempFolder('data-folder', async (folder) => {
      const dir = join(folder, 'data')
      assert.is(await refusalOf(dir), null)
      for (const name of ['data.mdb', 'lock.mdb']) {
        for (const bits of [0o004, 0o040, 0o060, 0o066]) {
          await chmod(join(dir, name), 0o600 | bits)
          for (const groupAccess of groupAccesses) {
            const refusal = await refusalOf(dir, groupAccess)
            assert.is(refusal === null, isGood(bits, groupAccess), `${name} ${octal(bits)}`)
            if (refusal) assert.ok(refusal.includes(`Run: chmod 600 ${join(dir, name)}`), refusal)
            await chmod(join(dir, name), 0o600 | bits)
          }
        }
        await chmod(join(dir, name), 0o600)
      }
    }),

  'has files that the group may write to where the setting says so, whatever the umask': () =>
    inTempFolder('data-folder', async (folder) => {
      const dir = join(folder, 'shared')
      await mkdir(dir)
      await chmod(dir, 0o2770)
      await underUmask(0o022, async () => assert.is(await refusalOf(dir, 'write'), null))
      for (const name of ['data.mdb', 'lock.mdb']) {
        assert.is(octal(await modeOf(join(dir, name))), '0660')
      }
      assert.is(await refusalOf(dir, 'write'), null)
      assert.match(String(await refusalOf(dir)), 'CURFEW_KEYS_GROUP_ACCESS=write')
    }),
})
