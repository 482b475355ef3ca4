import { apartIn } from '../support/light-files.ts'
import { filesBelow, sourcesBelow } from '../support/project-files.ts'
import { traps } from '../support/runner.ts'
import { assert, claims } from '../support/suite.ts'
import { type JobKind, takingTurns } from '../support/turns.ts'

/** Each with what is said of it; the others of its process stay green. */
const broken: Readonly<Record<string, RegExp>> = {
  'exits-unseen': /ended before its report \(exit code 0\)/,
  hangs: /the file took longer than 5 s/,
  'hook-throws': /nobody said why: a hook threw/,
  'only-left-in': /left out by skip or only/,
  'rejects-late': /ended before its report \(exit code 1\)/,
  'run-forgotten': /the file registered no suite/,
  'throws-late': /ended before its report \(exit code 1\)/,
  'waits-for-nothing': /ended before its report/,
}

claims('test files that share a process', {
  'are told and counted each by itself: what breaks is named, and the others go on': async () => {
    const names = [...Object.keys(broken), 'passes']
    const { code, output, lastLine } = await traps(names, '--at-once=1', '--limit-s=5')
    assert.is(code, 1)
    assert.match(output, /^ok {3}\S+\/passes\.test\.ts {2}2 of 2/m)
    for (const [name, why] of Object.entries(broken)) {
      const [, said = ''] = output.split(`FAIL test/fixtures/traps/${name}.test.ts`)
      assert.match(said.split(/^(?:ok|FAIL) /m)[0] ?? '', why, `${name} in\n${output}`)
    }
    assert.match(lastLine, /^\d+ passed, \d+ failed$/)
    const failed = Number(lastLine.split(' ')[2])
    assert.ok(failed >= Object.keys(broken).length, lastLine)
  },

  'are named with those that ran before one that breaks': async () => {
    const { output, lastLine } = await traps(['after-each-throws', 'fails'], '--at-once=1')
    assert.match(lastLine, / [1-9]\d* failed$/)
    assert.match(output, /Before it, its process ran \S+\/after-each-throws\.test\.ts$/m)
    const apart = await traps(['after-each-throws', 'fails'], '--at-once=1', '--each-apart')
    assert.is(apart.lastLine, lastLine)
    assert.not.match(apart.output, 'Before it')
  },

  ...Object.fromEntries(
    Object.entries({
      'leaves-a-timer': 'Timeout',
      'leaves-a-variable': 'process.env.CURFEW_LEFT_BEHIND',
      'leaves-another-time': 'Date.now',
    }).map(([name, what]) => [
      `are told when they leave something behind (${what}), and nobody follows there`,
      async () => {
        const { code, output, lastLine } = await traps([name, 'new-process'], '--at-once=1')
        assert.equal([code, lastLine], [0, '2 passed, 0 failed'], output)
        assert.match(
          output,
          new RegExp(`${name}.*left behind: ${what.replaceAll('.', '\\.')}$`, 'm'),
        )
      },
    ]),
  ),

  'are those that need no server, start no process and leave their own as it is': () => {
    const whyApart = apartIn([
      { path: 'test/a.test.ts', text: "import { world } from './support/world.ts'" },
      { path: 'test/b.test.ts', text: "import { start } from './support/start.ts'" },
      { path: 'test/c.test.ts', text: "import type { Started } from './support/start.ts'" },
      { path: 'test/d.test.ts', text: "process.env['A'] = 'b'" },
      { path: 'test/e.test.ts', text: "if (process.env['A'] === 'b') process.stdout.write('c')" },
      { path: 'test/f.test.ts', text: "import { Worker } from 'node:worker_threads'" },
      { path: 'test/support/world.ts', text: "await useServers(['mongo'])" },
      { path: 'test/support/start.ts', text: "import { spawn } from 'node:child_process'" },
    ])
    const answers = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => whyApart(`test/${name}.test.ts`))
    assert.equal(answers, [
      'mongo',
      'node:child_process in test/support/start.ts',
      null,
      "process.env['A'] = in test/d.test.ts",
      null,
      'node:worker_threads in test/f.test.ts',
    ])
  },

  'run after the others: files that share a server come first, and one at a time': () => {
    const jobs = ['shared 1', 'kafka 1', 'apart 1', 'long 1', 'mongo 1', 'kafka 2']
    const take = takingTurns(jobs, (job) => job.split(' ')[0] as JobKind)
    const first = take()
    const others = [take(), take(), take(), take()]
    assert.is(first?.job, 'kafka 1')
    assert.equal(
      others.map((turn) => turn?.job),
      ['mongo 1', 'long 1', 'apart 1', 'shared 1'],
    )
    assert.is(take(), null)
    first?.end()
    assert.is(take()?.job, 'kafka 2')
  },

  'are most of all': () => {
    const whyApart = apartIn(sourcesBelow('test'))
    const files = filesBelow('test', (path) => path.endsWith('.test.ts'))
    const sharing = files.filter((path) => whyApart(path) === null)
    assert.ok(sharing.length > files.length / 2, `${sharing.length} of ${files.length}`)
  },
})
