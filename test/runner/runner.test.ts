import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeftOut, longPaths } from '../support/long-files.ts'
import { neededServers } from '../support/needed-servers.ts'
import { checkWords, dependsOnNode } from '../support/node-dependent.ts'
import { judge } from '../support/processes/file-report.ts'
import { filesBelow, sourceAt } from '../support/project-files.ts'
import { type Ended, runner, runnerIn, traps } from '../support/runner.ts'
import { majorOf, ownNode, pinnedNodes } from '../support/servers/other-nodes.ts'
import { assert, type Claims, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'

/**
 * Traps of uvu 0.5.6 and of files as such: each of them would be a green run if exit codes were
 * believed.
 */
const believers: Readonly<Record<string, readonly [name: string, ...args: string[]]>> = {
  'a before hook that throws fails the run': ['hook-throws'],
  'an after.each hook that throws fails the run': ['after-each-throws'],
  'a forgotten run() fails the run': ['run-forgotten'],
  'an only that was left in fails the run': ['only-left-in'],
  'a suite without a test fails the run': ['no-test'],
  'a file that ends its process fails the run': ['crashes'],
  'a file that does not end in time fails the run': ['hangs', '--limit-s=3'],
}

const trapClaims: Claims = Object.fromEntries(
  Object.entries(believers).map(([sentence, [name, ...args]]) => [
    sentence,
    async () => {
      const { code, output, lastLine } = await traps([name], ...args)
      assert.is(code, 1, output)
      assert.match(lastLine, /^\d+ passed, [1-9]\d* failed$/)
    },
  ]),
)

claims('the runner', {
  ...trapClaims,

  'a broken claim is printed with its stack and its cause': async () => {
    const { code, output, lastLine } = await traps(['fails'])
    assert.is(code, 1)
    assert.is(lastLine, '1 passed, 1 failed')
    for (const told of ['does not hold', 'broken on purpose', 'fails.test.ts:', 'deeper reason']) {
      assert.ok(output.includes(told), `${told} is missing in\n${output}`)
    }
  },

  'claims that hold end in exit code 0': async () => {
    const { code, lastLine } = await traps(['passes'])
    assert.equal([code, lastLine], [0, '2 passed, 0 failed'])
  },

  'a file whose server is missing is told at the end, with how to get it, and fails nothing':
    async () => {
      const { code, output, lastLine } = await runner(
        '--below=test/fixtures/traps',
        '/passes.test.ts',
        '/left-out.test.ts',
      )
      assert.equal([code, lastLine], [0, '2 passed, 0 failed'], output)
      assert.match(output, /^NOT RUN: claims on a broker: java is not installed$/m)
      assert.match(output, /^To run these too: .*java: apt-get install .*\.ci\/run/m)
    },

  'files run on other versions of Node too, told and counted; one that cannot be had fails': () =>
    inTempFolder('nodes', async (dir) => {
      const [major = ''] = Object.keys(pinnedNodes).filter(
        (one) => one !== majorOf(ownNode.version),
      )
      const version = pinnedNodes[major] ?? ''
      const folder = join(dir, 'curfew', `node-${version}`)
      const of = (file: string): Promise<Ended> =>
        runnerIn(
          {
            XDG_CACHE_HOME: dir,
            npm_config_registry: 'http://127.0.0.1:9/',
            npm_config_fetch_retries: '0',
          },
          '--below=test/fixtures/traps',
          `--nodes=${majorOf(ownNode.version)},${major}`,
          `/${file}.test.ts`,
        )
      const absent = await of('passes')
      assert.equal([absent.code, absent.lastLine], [1, '2 passed, 1 failed'], absent.output)
      await mkdir(folder, { recursive: true })
      await symlink(process.execPath, join(folder, 'node'))
      const both = await of('passes')
      assert.equal([both.code, both.lastLine], [0, '4 passed, 0 failed'], both.output)
      assert.match(both.output, `passes.test.ts on Node ${version}  2 of 2`)
      const broken = await of('fails')
      assert.equal([broken.code, broken.lastLine], [1, '2 passed, 2 failed'], broken.output)
    }),

  'a filter that meets no file fails the run': async () => {
    const { code, lastLine } = await runner('no-such-file-anywhere')
    assert.equal([code, lastLine], [1, '0 passed, 1 failed'])
  },

  'what takes long is left out where there is no broker, unless it is asked for; each is there':
    () => {
      const long = 'test/system/sessions/races-lmdb.test.ts'
      const run = { words: [], isAll: false, noBroker: 'no java' }
      assert.is(isLeftOut(long, run), true)
      assert.is(isLeftOut('test/http/sessions/login.test.ts', run), false)
      for (const other of [{ words: ['races'] }, { isAll: true }, { noBroker: undefined }]) {
        assert.is(isLeftOut(long, { ...run, ...other }), false)
      }
      const files = filesBelow('test', (path) => path.endsWith('.test.ts'))
      const unused = longPaths.filter((path) => !files.some((file) => path.test(file)))
      assert.equal(unused, [])
    },

  'on every Node run the tests of `npm run check`, of the packages, and a process and a fleet':
    () => {
      const { scripts } = JSON.parse(sourceAt('package.json').text) as {
        scripts: Readonly<Record<string, string>>
      }
      assert.ok(scripts['check']?.endsWith(`/check.ts ${checkWords.join(' ')}`))
      const files = filesBelow('test', (path) => path.endsWith('.test.ts')).filter(dependsOnNode)
      for (const what of [/\/unit\//, /\/http\//, /\/architecture\//, /^test\/package\//]) {
        assert.ok(
          files.some((file) => what.test(file)),
          String(what),
        )
      }
      const whole = files.filter((file) => file.startsWith('test/system/'))
      assert.is(whole.length, 2, 'one embedded and one fleet')
    },

  'counts are judged, not words': () => {
    const suite = { passed: 2, skipped: 0, total: 2, failures: '' }
    assert.equal(judge({ suites: [suite], problem: null, leftOut: 0 }).failed, 0)
    assert.is(judge({ suites: [{ ...suite, passed: 1 }], problem: null, leftOut: 0 }).failed, 1)
    assert.is(judge({ suites: [{ ...suite, skipped: 3 }], problem: null, leftOut: 0 }).failed, 3)
    assert.is(judge({ suites: [suite], problem: 'odd', leftOut: 0 }).failed, 1)
    assert.is(judge({ suites: [], problem: null, leftOut: 0 }).failed, 1)
    assert.is(judge({ suites: [], problem: null, leftOut: 1 }).failed, 0)
    assert.is(judge({ suites: [], problem: 'odd', leftOut: 1 }).failed, 1)
  },

  'the servers of a file are those that it or its support names': () => {
    const sources = [
      { path: 'test/a.test.ts', text: "import { world } from './support/world.ts'" },
      { path: 'test/support/world.ts', text: "await useServers(['mongo'])" },
      { path: 'test/b.test.ts', text: "await useServers(['kafka', 'mongo'])" },
      { path: 'test/c.test.ts', text: "import '../shared/x.ts'" },
    ]
    assert.equal(neededServers('test/a.test.ts', sources), ['mongo'])
    assert.equal(neededServers('test/b.test.ts', sources), ['kafka', 'mongo'])
    assert.equal(neededServers('test/c.test.ts', sources), [])
  },
})
