import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { filesBelow, projectRoot } from '../support/project-files.ts'
import { makeClone, printedBy, putProgram, type Shell } from '../support/requests/page-shell.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'

/** npm tells this shell what it would run, and installs nothing. */
const telling = (dir: string): Shell => {
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(join(projectRoot, name), join(dir, name))
  }
  putProgram(dir, 'tell', '#!/bin/sh\nshift\nprintf "RUNS: %s\\n" "$*"\n')
  const shell = join(dir, 'bin', 'tell')
  const env = { npm_config_dry_run: 'true', npm_config_offline: 'true' }
  return { dir, env: { ...env, npm_config_script_shell: shell } }
}

/** What typing this runs in the end, script by script. */
const leavesOf = async (shell: Shell, text: string): Promise<readonly string[]> => {
  const printed = await printedBy(shell, text)
  const ran = [...printed.matchAll(/^RUNS: (.*)$/gm)].flatMap(([, line = '']) => line.split(' && '))
  const deeper = ran.map((line) => (line.startsWith('npm ') ? leavesOf(shell, line) : [line]))
  return (await Promise.all(deeper)).flat()
}

const isThere = (line: string): boolean => {
  const [program = '', ...words] = line.split(' ')
  const file = words.find((word) => word.endsWith('.ts'))
  const isInstalled = existsSync(join(projectRoot, 'node_modules/.bin', program))
  return program === 'node' ? existsSync(join(projectRoot, file ?? 'no file')) : isInstalled
}

claims('what runs the tests, as the pages print it', {
  'docs/CONTRIBUTING.md and README lead to programs that are there, and to this run': () =>
    inTempFolder('telling', async (dir) => {
      const shell = telling(dir)
      const checks = await leavesOf(shell, namedBlock('docs/CONTRIBUTING.md', 'check'))
      assert.equal(
        checks.map((line) => line.replace(/ .*/, '')),
        ['node', 'node'],
      )
      for (const step of ['lint', 'typecheck']) {
        const [line = ''] = await leavesOf(shell, `npm run ${step}`)
        assert.match(line, step === 'lint' ? /^biome / : /^tsc /)
        assert.ok(isThere(line), line)
        assert.match(readFileSync(join(projectRoot, '.ci/check.ts'), 'utf8'), `'${step}'`)
      }
      for (const line of checks) assert.ok(isThere(line), line)
      assert.equal(await leavesOf(shell, namedBlock('README.md', 'test')), checks.slice(-1))
      const words = (checks[0] ?? '').split(' ').slice(4)
      assert.equal(words, ['unit', 'http', 'architecture'])
      for (const word of words) assert.ok(filesBelow(`test/${word}`, () => true).length > 0, word)
    }),
})

/** What is printed, but for when each service refused. */
const anyInstant = (printed: string): string =>
  printed.replace(/first refused [\d.]+ ms (before|after)/g, 'first refused')

claims('README.md on a machine with Node alone', {
  'the demonstration ends every service’s trust in a stolen token, and has one successor': () =>
    inTempFolder('page', async (dir) => {
      makeClone(dir)
      const printed = await printedBy({ dir }, namedBlock('README.md', 'demo'))
      assert.match(printed, /200 {3}200 {3}200/)
      assert.match(printed, 'alice logs out: 200')
      assert.is(printed.match(/service \d: 401, first refused/g)?.length, 3)
      assert.match(printed, /answered 200: 32\n\s+successors: +1\n/)
      const shown = anyInstant(namedBlock('README.md', 'demo-output'))
      assert.ok(anyInstant(printed).includes(shown), printed)
    }),
})

/** What the drawing calls each part, and where that is. */
const drawn = {
  gateway: 'services/gateway',
  projector: 'services/projector',
  'guards in every service': 'shared/guard',
  'event store': 'shared/ports/event-store.ts',
  'event log': 'shared/ports/event-log.ts',
  'blacklist view': 'shared/ports/blacklist-view.ts',
  'session list': 'shared/ports/session-list.ts',
  MongoDB: 'shared/adapters/mongo',
  Kafka: 'shared/adapters/kafka',
  LMDB: 'shared/adapters/lmdb',
} as const

claims('the drawing of docs/architecture.md', {
  'has the parts that there are, and doors that docs/doors.md knows': () => {
    const drawing = namedBlock('docs/architecture.md', 'parts')
    for (const [part, path] of Object.entries(drawn)) {
      assert.ok(drawing.includes(part) && existsSync(join(projectRoot, path)), part)
    }
    const [, doors = ''] = drawing.split('other languages ◀── ')
    const page = readFileSync(join(projectRoot, 'docs/doors.md'), 'utf8').toLowerCase()
    const named = doors.trim().replace('JWKS', 'jwks.json').split(', ')
    assert.is(named.length, 4)
    for (const door of named) {
      assert.ok(page.includes(door.replace('the collection ', '').toLowerCase()), door)
    }
  },
})
