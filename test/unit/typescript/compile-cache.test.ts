import { execFile } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const curfew = join(projectRoot, 'services/cli/curfew.mjs')
const isKept = 'enableCompileCache' in module

/** What `curfew --version` prints to somebody with these settings. */
const version = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const { PATH } = process.env
  const settings = { env: { PATH, ...env }, timeout: 60_000 }
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [curfew, '--version'],
    settings,
  )
  assert.is(stderr, '')
  return stdout
}

const filesBelow = (dir: string): number =>
  existsSync(dir) ? readdirSync(dir, { recursive: true }).length : 0

claims('what Node compiled', {
  'is kept in a folder of one’s own, and a later start says the same': () =>
    inTempFolder('compiled', async (home) => {
      const first = await version({ XDG_CACHE_HOME: home })
      const dir = join(home, 'curfew/compiled')
      assert.is(filesBelow(dir) > 50, isKept, `${filesBelow(dir)} files`)
      if (isKept) assert.is(statSync(dir).mode & 0o777, 0o700)
      assert.is(await version({ HOME: home }), first)
      assert.is(existsSync(join(home, '.cache/curfew/compiled')), isKept)
    }),

  'is not kept where somebody else may write, and that is no error': () =>
    inTempFolder('compiled', async (home) => {
      const dir = join(home, 'curfew/compiled')
      mkdirSync(dir, { recursive: true })
      chmodSync(dir, 0o777)
      await version({ XDG_CACHE_HOME: home })
      if (isKept) assert.is(statSync(dir).mode & 0o022, 0)
      const isRoot = process.geteuid?.() === 0
      if (isRoot) {
        const theirs = join(home, 'theirs')
        mkdirSync(join(theirs, 'curfew/compiled'), { recursive: true })
        chownSync(join(theirs, 'curfew/compiled'), 12_345, 12_345)
        await version({ XDG_CACHE_HOME: theirs })
        assert.is(filesBelow(join(theirs, 'curfew/compiled')), 0)
      }
      await version({ XDG_CACHE_HOME: '/proc/self/status' })
    }),
})
