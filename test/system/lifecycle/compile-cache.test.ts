import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const curfew = join(projectRoot, 'services/cli/curfew.mjs')

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

/** Files of compiled code, each of one command of one clone and one Node. */
const keptIn = (dir: string): readonly string[] =>
  existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith('.code')) : []

claims('what was compiled', {
  'is kept in a folder of one’s own, and a later start says the same': () =>
    inTempFolder('compiled', async (home) => {
      const first = await version({ XDG_CACHE_HOME: home })
      const dir = join(home, 'curfew/compiled')
      const [name = '', ...others] = keptIn(dir)
      assert.equal(others, [])
      assert.is(statSync(dir).mode & 0o777, 0o700)
      assert.is(statSync(join(dir, name)).mode & 0o777, 0o600)
      const { mtimeMs, size } = statSync(join(dir, name))
      assert.ok(size > 100_000, String(size))
      assert.is(await version({ XDG_CACHE_HOME: home }), first)
      assert.is(statSync(join(dir, name)).mtimeMs, mtimeMs)
      assert.is(await version({ HOME: home }), first)
      assert.is(keptIn(join(home, '.cache/curfew/compiled')).length, 1)
    }),

  'is made anew where the file is damaged or of other code': () =>
    inTempFolder('compiled', async (home) => {
      const first = await version({ XDG_CACHE_HOME: home })
      const dir = join(home, 'curfew/compiled')
      const [name = ''] = keptIn(dir)
      const whole = readFileSync(join(dir, name))
      const cutOff = whole.subarray(0, whole.length / 2)
      const zeros = Buffer.concat([cutOff, Buffer.alloc(whole.length - cutOff.length)])
      const ofOther = Buffer.concat([Buffer.alloc(32), whole.subarray(32)])
      for (const content of [Buffer.alloc(0), cutOff, zeros, ofOther]) {
        writeFileSync(join(dir, name), content)
        assert.is(await version({ XDG_CACHE_HOME: home }), first)
        assert.ok(statSync(join(dir, name)).size > 100_000)
      }
    }),

  'is not run where somebody else wrote it': () =>
    inTempFolder('compiled', async (home) => {
      const first = await version({ XDG_CACHE_HOME: home })
      const dir = join(home, 'curfew/compiled')
      const [name = ''] = keptIn(dir)
      const isRoot = process.geteuid?.() === 0
      const plants = [
        () => chmodSync(join(dir, name), 0o622),
        ...(isRoot ? [() => chownSync(join(dir, name), 12_345, 12_345)] : []),
      ]
      for (const plant of plants) {
        plant()
        assert.is(await version({ XDG_CACHE_HOME: home }), first)
        const { uid, mode } = statSync(join(dir, name))
        assert.equal([uid, mode & 0o777], [process.geteuid?.(), 0o600], 'it was made anew')
      }
    }),

  'is kept where NODE_COMPILE_CACHE says, and nowhere with NODE_DISABLE_COMPILE_CACHE': () =>
    inTempFolder('compiled', async (home) => {
      const [named, env] = [join(home, 'named'), { HOME: home }]
      mkdirSync(named)
      await version({ ...env, NODE_COMPILE_CACHE: named })
      assert.is(keptIn(join(named, `curfew-${process.geteuid?.()}`)).length, 1)
      assert.equal(keptIn(named), [])
      await version({ ...env, NODE_DISABLE_COMPILE_CACHE: '1' })
      assert.not.ok(existsSync(join(home, '.cache')))
    }),

  'is not kept where somebody else may write, and that is no error': () =>
    inTempFolder('compiled', async (home) => {
      const dir = join(home, 'curfew/compiled')
      mkdirSync(dir, { recursive: true })
      chmodSync(dir, 0o777)
      await version({ XDG_CACHE_HOME: home })
      assert.is(statSync(dir).mode & 0o022, 0)
      const isRoot = process.geteuid?.() === 0
      if (isRoot) {
        const theirs = join(home, 'theirs')
        mkdirSync(join(theirs, 'curfew/compiled'), { recursive: true })
        chownSync(join(theirs, 'curfew/compiled'), 12_345, 12_345)
        await version({ XDG_CACHE_HOME: theirs })
        assert.equal(keptIn(join(theirs, 'curfew/compiled')), [])
      }
      await version({ XDG_CACHE_HOME: '/proc/self/status' })
      await version({ HOME: join(home, 'no', 'such', 'folder') })
    }),
})
