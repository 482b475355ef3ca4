import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceConsumer } from '../support/packages/packed-guard.ts'
import { assert, claims } from '../support/suite.ts'

claims('the service’s package, installed elsewhere', {
  'runs its command below node_modules, where Node strips no types, with own settings':
    async () => {
      const { app } = await serviceConsumer()
      const command = join('node_modules', 'curfew', 'services', 'cli', 'curfew.mjs')
      const run = (...args: string[]): string =>
        execFileSync(process.execPath, [command, ...args], { cwd: app, encoding: 'utf8' })
      const dir = JSON.stringify(join(app, 'keys'))
      writeFileSync(
        join(app, 'curfew.config.ts'),
        `enum Where { d = ${dir} }\nexport default { KEYS_DIR: Where.d, DATA_DIR: Where.d }\n`,
      )
      assert.match(run('keys', 'make'), /signing\.json/)
      assert.match(run('keys', 'list'), /active/)
    },

  'has the guard by the name that its `orders` imports, from its own sources': async () => {
    const { app } = await serviceConsumer()
    const at = './node_modules/curfew'
    const text = `
      import { runTypeScript } from '${at}/shared/typescript/load.mjs'
      await runTypeScript(import.meta.resolve('${at}/services/cli/main.ts'))
      const [guard, kafka] = await (await import('${at}/services/orders/looks.ts')).looks()
      const own = await import('${at}/shared/guard/index.ts')
      const feed = await import('${at}/shared/guard-kafka/kafka-feed.ts')
      const isSame = kafka.kafkaRevocationFeed === feed.kafkaRevocationFeed
      console.log(guard.createGuard === own.createGuard, isSame)
    `
    const names = ['curfew-guard', 'curfew-guard/kafka'].map((name) => `import('${name}')`)
    const looks = `export const looks = () => Promise.all([${names.join()}])\n`
    writeFileSync(join(app, 'node_modules/curfew/services/orders/looks.ts'), looks)
    writeFileSync(join(app, 'looks.mjs'), text)
    const said = execFileSync(process.execPath, ['looks.mjs'], { cwd: app, encoding: 'utf8' })
    assert.is(said.trim(), 'true true')
  },
})

/** Paths in the tarball, without the folder that all are in. */
const pathsIn = (tarball: Uint8Array): readonly string[] =>
  execFileSync('tar', ['tz'], { input: tarball, encoding: 'utf8' })
    .split('\n')
    .map((line) => line.replace(/^package\//, ''))
    .filter((path) => path !== '')

claims('the service’s tarball', {
  'has the guard once, as its sources; its name leads there by a few lines': async () => {
    const paths = pathsIn((await serviceConsumer()).tarball)
    const built = paths.filter((path) => /^(dist|lib)\/|\.(js|cjs|d\.c?ts)$/.test(path))
    assert.equal(built, [])
    assert.equal(
      paths.filter((path) => path.startsWith('node_modules/')).sort(),
      ['express', 'fastify', 'http', 'index', 'kafka', 'koa']
        .map((name) => `node_modules/curfew-guard/${name}.ts`)
        .concat('node_modules/curfew-guard/README.md', 'node_modules/curfew-guard/package.json')
        .sort(),
    )
    assert.is(paths.filter((path) => path.endsWith('guard/feed/feed-reader.ts')).length, 1)
    assert.not.ok(paths.some((path) => path.startsWith('shared/curfew-guard/')))
  },
})
