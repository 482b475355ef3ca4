import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { guardConsumer, serviceConsumer } from '../support/packages/packed-guard.ts'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const fastify = join(projectRoot, 'node_modules/fastify/fastify.d.ts')

/** In one program: most of its time goes into the types of Node and of the language. */
const typeProblems = (
  app: string,
  files: readonly string[],
  paths: Record<string, string[]>,
): string[] => {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    paths,
    types: ['node'],
    typeRoots: [join(projectRoot, 'node_modules', '@types')],
  }
  const roots = files.map((file) => join(app, file))
  return ts.getPreEmitDiagnostics(ts.createProgram(roots, options)).map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n')
    return `${file?.fileName ?? 'of all'}: ${text}`
  })
}

const typed = `
import type { Guard, RevocationFeed } from 'curfew-guard'
import { createGuard, fixedKeys, systemClock } from 'curfew-guard'
import { callerOf, guardExpress } from 'curfew-guard/express'
import { guardHttp, guardUpgrade } from 'curfew-guard/http'
import { guardKoa } from 'curfew-guard/koa'
import { createServer } from 'node:http'
declare const feed: RevocationFeed
const keys = fixedKeys({ get: () => undefined })
const names = { issuer: 'https://a.example', audience: 'https://a.example' }
const guard: Guard = createGuard({ ...names, keys, feed, clock: systemClock, onStale: 'deny' })
guardKoa(guard, { cookieName: 'access' })
const ask = guardHttp(guard)
createServer(async (req, res) => {
  const caller = await ask(req, res)
  // @ts-expect-error A request that was answered has no caller.
  caller.claims
  if (caller === null) return
  const stop: () => void = guard.onEnded(caller, ({ by, code }) => res.end(by + code))
  caller.signal.addEventListener('abort', stop)
  const upgraded = await guardUpgrade(guard, { origins: [] })(req, req.socket)
  // @ts-expect-error A signal is read alone.
  if (upgraded) upgraded.signal = caller.signal
  guardExpress(guard)(req, res, () => res.end(callerOf(req).claims.sub))
})
// @ts-expect-error A number is no token.
guard.check(1)
`

const typedFastify = `
import type { Guard } from 'curfew-guard'
import { callerOf, guardFastify } from 'curfew-guard/fastify'
import { fastify } from 'fastify'
declare const guard: Guard
const app = fastify()
app.addHook('onRequest', guardFastify(guard, { onStale: 'deny' }))
app.get('/', { preHandler: guardFastify(guard) }, async (request) => callerOf(request).claims.sub)
`

/** Files that a page links to, as paths from the root of the package. */
const linksIn = (root: string, page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
    .map((match) => (match[1] ?? match[2] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => posix.normalize(posix.join(posix.dirname(page), target)))

claims('what the service’s package brings along', {
  'every page that its README leads to is in it, and all that those lead to': async () => {
    const { pkgDir } = await serviceConsumer()
    const [reached, missing] = [new Set(['README.md']), new Set<string>()]
    for (const page of reached) {
      if (!existsSync(join(pkgDir, page))) missing.add(page)
      else if (page.endsWith('.md')) for (const link of linksIn(pkgDir, page)) reached.add(link)
    }
    assert.ok(reached.size > 50)
    assert.equal([...missing], [])
  },
})

const objectAt = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>

claims('the package curfew-guard', {
  'is at most 60 kB packed, README included': async () => {
    const { tarball, pkgDir } = await guardConsumer()
    assert.ok(tarball.byteLength <= 60_000, `${tarball.byteLength} bytes`)
    assert.match(readFileSync(join(pkgDir, 'README.md'), 'utf8'), /npm install curfew-guard/)
  },

  'asks for jsonwebtoken, may be given Kafka’s client, and is of the service’s version':
    async () => {
      const { pkgDir } = await guardConsumer()
      const own = objectAt(join(projectRoot, 'package.json'))
      const { dependencies, devDependencies, version, engines } = own
      const { jsonwebtoken, kafkajs } = dependencies as Record<string, string>
      const { fzstd } = devDependencies as Record<string, string>
      const made = objectAt(join(pkgDir, 'package.json'))
      assert.equal(made['dependencies'], { jsonwebtoken: `^${jsonwebtoken}` })
      assert.equal(made['peerDependencies'], { fzstd, kafkajs })
      const optional = { optional: true }
      assert.equal(made['peerDependenciesMeta'], { fzstd: optional, kafkajs: optional })
      assert.equal([made['version'], made['engines']], [version, engines])
      assert.not.ok('private' in made || 'scripts' in made)
    },

  'has types for importers and requirers, and they refuse what is wrong': async () => {
    const { app } = await guardConsumer()
    const written = (name: string, text: string): string[] =>
      ['mts', 'cts'].map((ending) => {
        const file = `${name}.${ending}`
        writeFileSync(join(app, file), text)
        return file
      })
    const [without, beside] = [written('without', typed), written('beside', typedFastify)]
    assert.equal(typeProblems(app, without, {}), [], 'without Fastify')
    assert.equal(typeProblems(app, beside, { fastify: [fastify] }), [], 'with Fastify')
  },

  'satisfies publint, warnings included': async () => {
    const { pkgDir } = await guardConsumer()
    const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false })
    assert.equal(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    )
  },

  'resolves to the right types wherever it is read, old ways too (arethetypeswrong)': async () => {
    const { tarball } = await guardConsumer()
    const found = await checkPackage(createPackageFromTarballData(tarball))
    assert.ok(found.types)
    assert.equal('problems' in found ? found.problems : [], [])
  },
})
