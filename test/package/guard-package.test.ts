import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { projectRoot } from '../support/import-graph.ts'
import { consumer } from '../support/packed-guard.ts'
import { assert, claims } from '../support/suite.ts'

const fastify = join(projectRoot, 'node_modules/fastify/fastify.d.ts')

const typeProblems = (app: string, file: string, paths: Record<string, string[]>): string[] => {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    paths,
    types: ['node'],
    typeRoots: [join(projectRoot, 'node_modules', '@types')],
  }
  const program = ts.createProgram([join(app, file)], options)
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

const typed = `
import type { Guard, RevocationFeed } from 'curfew/guard'
import { createGuard, fixedKeys, systemClock } from 'curfew/guard'
import { callerOf, guardExpress } from 'curfew/guard/express'
import { guardHttp, guardUpgrade } from 'curfew/guard/http'
import { guardKoa } from 'curfew/guard/koa'
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
import type { Guard } from 'curfew/guard'
import { callerOf, guardFastify } from 'curfew/guard/fastify'
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

claims('what the package brings along', {
  'every page that its README leads to is in it, and all that those lead to': () => {
    const { pkgDir } = consumer()
    const [reached, missing] = [new Set(['README.md']), new Set<string>()]
    for (const page of reached) {
      if (!existsSync(join(pkgDir, page))) missing.add(page)
      else if (page.endsWith('.md')) for (const link of linksIn(pkgDir, page)) reached.add(link)
    }
    assert.ok(reached.size > 50)
    assert.equal([...missing], [])
  },
})

claims('the package curfew/guard', {
  'has types for importers and requirers, and they refuse what is wrong': () => {
    const { app } = consumer()
    for (const file of ['consumer.mts', 'consumer.cts']) {
      writeFileSync(join(app, file), typed)
      assert.equal(typeProblems(app, file, {}), [], `${file}, without Fastify`)
      writeFileSync(join(app, file), typedFastify)
      assert.equal(typeProblems(app, file, { fastify: [fastify] }), [], `${file}, with Fastify`)
    }
  },

  'satisfies publint, warnings included': async () => {
    const { pkgDir } = consumer()
    const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false })
    assert.equal(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    )
  },

  'resolves to the right types wherever exports are read (arethetypeswrong)': async () => {
    const found = await checkPackage(createPackageFromTarballData(consumer().tarball))
    assert.ok(found.types)
    // Node 10 read no exports; what Curfew runs on does. And it lets `require` load the one entry
    // that is an ES module only.
    const problems = ('problems' in found ? found.problems : []).filter(
      (problem) =>
        !('resolutionKind' in problem && problem.resolutionKind === 'node10') &&
        !(problem.kind === 'CJSResolvesToESM' && problem.entrypoint === './guard/kafka'),
    )
    assert.equal(problems, [])
  },
})
