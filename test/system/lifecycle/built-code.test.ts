import { execFile } from 'node:child_process'
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { smallClone } from '../../support/packages/small-clone.ts'
import { loadedScripts } from '../../support/processes/loaded-scripts.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

/** Long enough that a change is not taken for one of the time when it was read. */
const settledMs = 100

const inClone = (work: (clone: string, home: string) => Promise<void>): Promise<void> =>
  inTempFolder('built', async (dir) => {
    const clone = smallClone(dir)
    await systemClock.sleep(settledMs)
    await work(clone, join(dir, 'home'))
  })

const ended = async (
  clone: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  preload: readonly string[] = [],
) => {
  const { PATH } = process.env
  const settings = { cwd: clone, env: { PATH, ...env }, timeout: 60_000 }
  const command = [...preload, join(clone, 'services/cli/curfew.mjs'), ...args]
  return await promisify(execFile)(process.execPath, command, settings)
}

/** What `curfew --help` begins with: a line of `services/cli/main.ts`. */
const said = async (
  clone: string,
  env: NodeJS.ProcessEnv,
  preload?: readonly string[],
): Promise<string> => {
  const { stdout, stderr } = await ended(clone, env, ['--help'], preload)
  assert.is(stderr, '')
  return stdout.split('\n')[2] ?? ''
}

/** Sources of the clone that a process ran as they are. */
const sourcesRun = async (
  clone: string,
  dir: string,
  preload?: readonly string[],
): Promise<readonly string[]> => {
  const coverage = join(dir, `coverage-${systemClock.monotonicMs()}`)
  await said(clone, { HOME: dir, NODE_V8_COVERAGE: coverage }, preload)
  const scripts = await loadedScripts(coverage)
  assert.ok(scripts.some((url) => url.endsWith('/services/cli/curfew.mjs')))
  return scripts.filter((url) => url.includes('/clone/') && url.endsWith('.ts'))
}

const builds = (clone: string): readonly string[] =>
  readdirSync(join(clone, 'node_modules/.cache/curfew/built')).sort()

const replaceIn = (path: string, from: string, to: string): void => {
  const text = readFileSync(path, 'utf8')
  assert.ok(text.includes(from), from)
  writeFileSync(path, text.replace(from, to))
}

const words = 'Log users in, rotate their tokens, and make a logout true everywhere.'

/** Of strings, templates, patterns and tagged templates, as a source of the clone has them. */
const signs = `
const raw = (strings: TemplateStringsArray) => strings.join('|')
const said = ['·', \`–\`, raw\`·\${1}로그인\`, String(/^[＝·]$/.test('＝')), '🔒'].join(' ')
`

claims('what is built of the sources', {
  'says what the sources say, also beyond ASCII': () =>
    inClone(async (clone, home) => {
      const main = join(clone, 'services/cli/main.ts')
      replaceIn(main, `'${words}'`, 'said')
      writeFileSync(main, `${readFileSync(main, 'utf8')}${signs}`)
      for (const start of ['built', 'from what was built']) {
        assert.is(await said(clone, { HOME: home }), '· – ·|로그인 true 🔒', start)
      }
    }),

  'is run by every start but the first, which builds it': () =>
    inClone(async (clone, home) => {
      assert.is(await said(clone, { HOME: home }), words)
      const [folder, manifest, ...others] = builds(clone)
      assert.equal([manifest, others], ['manifest.json', []])
      assert.equal(await sourcesRun(clone, home), [])
      assert.equal(builds(clone), [folder, manifest])
    }),

  'is never run once a source has changed, though its size and time are as before': () =>
    inClone(async (clone, home) => {
      const env = { HOME: home }
      assert.is(await said(clone, env), words)
      const main = join(clone, 'services/cli/main.ts')
      const { atime, mtime, size } = statSync(main)
      replaceIn(main, words, words.replace('Log users in', 'LOG USERS IN'))
      utimesSync(main, atime, mtime)
      assert.is(statSync(main).size, size)
      const changed = words.replace('Log users in', 'LOG USERS IN')
      assert.is(await said(clone, env), changed)
      assert.is(await said(clone, env), changed)
      const compiled = readdirSync(join(home, '.cache/curfew/compiled'))
      assert.is(compiled.filter((name) => name.endsWith('.code')).length, 1, 'it took its place')
      const before = builds(clone).length
      replaceIn(join(clone, 'shared/typescript/build.mjs'), 'lineLimit: 200', 'lineLimit: 199')
      assert.is(await said(clone, env), changed)
      assert.is(builds(clone).length, before + 1)
      const kernel = join(clone, 'shared/kernel/logger.ts')
      rmSync(kernel)
      await said(clone, env).then(
        () => assert.unreachable('a source is missing'),
        (error: Error) => assert.match(error.message, /logger\.ts/),
      )
    }),

  'is its own for each of two clones that share their packages': () =>
    inTempFolder('built', async (dir) => {
      const clones = ['one', 'other'].map((name) => smallClone(join(dir, name)))
      const [one = '', other = ''] = clones
      rmSync(join(other, 'node_modules'), { recursive: true })
      symlinkSync(join(one, 'node_modules'), join(other, 'node_modules'))
      const changed = words.replace('Log users in', 'LOG USERS IN')
      replaceIn(join(other, 'services/cli/main.ts'), words, changed)
      await systemClock.sleep(settledMs)
      for (const _ of ['built', 'in turns']) {
        assert.is(await said(one, { HOME: dir }), words)
        assert.is(await said(other, { HOME: dir }), changed)
      }
    }),

  'is the same for processes that start at once for the first time': () =>
    inClone(async (clone, home) => {
      const env = { HOME: home }
      const told = await Promise.all([1, 2, 3].map(() => said(clone, env)))
      assert.equal(told, [words, words, words])
      assert.is(builds(clone).length, 2, builds(clone).join())
      assert.equal(await sourcesRun(clone, home), [])
    }),

  'is not needed: where it cannot be kept or built, the sources are run': () =>
    inClone(async (clone, home) => {
      const cache = join(clone, 'node_modules/.cache')
      writeFileSync(cache, 'no folder')
      assert.ok((await sourcesRun(clone, home)).length > 0)
      rmSync(cache)
      rmSync(join(clone, 'node_modules/esbuild'))
      assert.ok((await sourcesRun(clone, home)).length > 0)
    }),

  'is neither made nor run where a developer watches the sources': () =>
    inClone(async (clone, home) => {
      const text = readFileSync(join(clone, 'package.json'), 'utf8')
      const { scripts } = JSON.parse(text) as { scripts: Record<string, string> }
      const preload = /--watch (--import \S+)/.exec(scripts['dev'] ?? '')?.[1]?.split(' ')
      assert.ok((await sourcesRun(clone, home, preload)).length > 0)
      assert.not.ok(existsSync(join(clone, 'node_modules/.cache/curfew/built')))
    }),

  'names lines of the sources in the stack of an error': () =>
    inClone(async (clone, home) => {
      const main = join(clone, 'services/cli/main.ts')
      replaceIn(
        main,
        'const version = ',
        "if (process.argv[2] === 'fail') throw new Error('no')\n$&",
      )
      const line = readFileSync(main, 'utf8').split('throw new Error')[0]?.split('\n').length
      for (const _ of ['built', 'kept']) {
        await ended(clone, { HOME: home }, ['fail']).then(
          () => assert.unreachable('it fails'),
          ({ stderr }: { stderr: string }) => {
            assert.match(stderr, `Error: no\n    at `)
            assert.match(stderr, `${main}:${line}:`)
            assert.ok(
              stderr.split('\n').every((one) => one.length < 1_000),
              'no line of a page',
            )
          },
        )
      }
    }),
})
