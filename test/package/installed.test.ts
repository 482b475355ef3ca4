import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../support/import-graph.ts'
import { consumer } from '../support/packed-guard.ts'
import { assert, claims } from '../support/suite.ts'

/** The package among its dependencies, as `npm install curfew` leaves them. */
const installed = (): string => {
  const { app, pkgDir } = consumer()
  const own = join(projectRoot, 'node_modules')
  const inner = join(pkgDir, 'node_modules')
  mkdirSync(inner)
  for (const name of readdirSync(own)) symlinkSync(join(own, name), join(inner, name))
  return app
}

claims('the package, installed elsewhere', {
  'runs its command below node_modules, where Node strips no types, with own settings': () => {
    const app = installed()
    const command = join('node_modules', 'curfew', 'services', 'cli', 'curfew.mjs')
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, [command, ...args], { cwd: app, encoding: 'utf8' })
    const dir = JSON.stringify(join(app, 'keys'))
    writeFileSync(
      join(app, 'curfew.config.ts'),
      `enum Where { dir = ${dir} }\nexport default { KEYS_DIR: Where.dir, DATA_DIR: Where.dir }\n`,
    )
    assert.match(run('keys', 'make'), /signing\.json/)
    assert.match(run('keys', 'list'), /active/)
  },
})
