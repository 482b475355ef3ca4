import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { typescriptArgs } from '../../../support/processes/typescript-args.ts'
import { projectRoot } from '../../../support/project-files.ts'
import { assert, claims } from '../../../support/suite.ts'

/** What a process writes that logs this, on both of its streams. */
const written = (code: string) => {
  const module = JSON.stringify(join(projectRoot, 'shared/kernel/logging/pino-logger.ts'))
  const script = `import { openLogger } from ${module}\n${code}`
  const args = [...typescriptArgs, '--input-type=module', '-e', script]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: projectRoot,
    encoding: 'utf8',
  })
  return { stdout, lines: stderr.trimEnd().split('\n') }
}

claims('lines of the log', {
  // asvs: 16.2.1, 16.2.2, 16.2.3, 16.2.4, 16.4.1
  'are JSON on standard error alone, one a line, with an instant in UTC and who wrote it': () => {
    const { stdout, lines } = written(`
      const logger = openLogger('gateway', 'info')
      logger.info({ event: 'login', sub: 'abc' }, 'two\\nlines')
      logger.debug({ event: 'refresh' }, 'not told')
      logger.child({ request: '1' }).error({ error: new Error('a\\nb') }, 'failed')`)
    assert.is(stdout, '')
    assert.is(lines.length, 2, lines.join('\n'))
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    for (const { time, service, pid } of told) {
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.is(service, 'gateway')
      assert.type(pid, 'number')
    }
    assert.equal([told[0]?.['event'], told[0]?.['sub']], ['login', 'abc'])
    assert.is(told[1]?.['request'], '1')
  },
})
