import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { buildGuard } from '../../.ci/build-guard.ts'
import { publicJwk } from '../../shared/tokens/keys.ts'
import { signAccess } from '../../shared/tokens/sign.ts'
import { projectRoot } from '../support/import-graph.ts'
import { accessClaims, accessRing, audience, instant, issuer } from '../support/sample-tokens.ts'
import { assert, claims } from '../support/suite.ts'

/** What `npm publish` would send, unpacked beside nothing but jsonwebtoken and what it needs. */
type Consumer = Readonly<{ tarball: Uint8Array; app: string; pkgDir: string }>

const needs = (name: string): readonly string[] => {
  const text = readFileSync(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
  return Object.keys(dependencies)
}

const closureOf = (name: string, found = new Set<string>()): Set<string> => {
  if (found.has(name)) return found
  found.add(name)
  for (const needed of needs(name)) closureOf(needed, found)
  return found
}

let packed: Consumer | null = null

/** Built and packed once: each claim reads it, and none changes what another one sees. */
const consumer = (): Consumer => {
  if (packed) return packed
  const dir = mkdtempSync(join(tmpdir(), 'curfew-package-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  buildGuard(join(projectRoot, 'dist'))
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', dir]
  const name = execFileSync('npm', pack, { cwd: projectRoot, encoding: 'utf8' }).trim()
  const modules = join(dir, 'app', 'node_modules')
  mkdirSync(join(modules, 'curfew'), { recursive: true })
  execFileSync('tar', ['xzf', join(dir, name), '-C', join(modules, 'curfew'), '--strip=1'])
  for (const needed of closureOf('jsonwebtoken')) {
    cpSync(join(projectRoot, 'node_modules', needed), join(modules, needed), { recursive: true })
  }
  const tarball = new Uint8Array(readFileSync(join(dir, name)))
  packed = { tarball, app: join(dir, 'app'), pkgDir: join(modules, 'curfew') }
  return packed
}

const run = (app: string, file: string, text: string): string => {
  writeFileSync(join(app, file), text)
  return execFileSync(process.execPath, [file], { cwd: app, encoding: 'utf8' }).trim()
}

/** Judges an authentic token before the feed was read, and one whose signature is wrong. */
const program = (): string => {
  const { active } = accessRing
  const jwk = publicJwk(active.key)
  return `
const key = createPublicKey({ key: ${JSON.stringify(jwk)}, format: 'jwk' })
const own = { kid: '${active.kid}', alg: '${active.alg}', key, notAfter: null }
const keys = fixedKeys({ get: (kid) => (kid === own.kid ? own : undefined) })
const feed = { open: async () => {}, close: async () => {} }
const names = { issuer: '${issuer}', audience: '${audience}' }
const clock = { ...systemClock, now: () => ${instant} }
const guard = createGuard({ ...names, keys, feed, clock, onStale: 'deny' })
const token = '${signAccess(accessRing, accessClaims())}'
Promise.all([guard.check(token), guard.check(token.slice(0, -4) + 'AAAA')])
  .then((verdicts) => console.log(verdicts.map(({ outcome }) => outcome).join()))
`
}

const typeProblems = (app: string, file: string): string[] => {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
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
import { guardKoa } from 'curfew/guard/koa'
declare const feed: RevocationFeed
const keys = fixedKeys({ get: () => undefined })
const names = { issuer: 'https://a.example', audience: 'https://a.example' }
const guard: Guard = createGuard({ ...names, keys, feed, clock: systemClock, onStale: 'deny' })
guardKoa(guard, { cookieName: 'access' })
// @ts-expect-error A number is no token.
guard.check(1)
`

claims('the package curfew/guard', {
  'loads by import and by require, with jsonwebtoken and nothing else installed': () => {
    const { app } = consumer()
    const names = '{ createGuard, fixedKeys, systemClock }'
    const imported =
      `import { createPublicKey } from 'node:crypto'\n` +
      `import ${names} from 'curfew/guard'\nimport 'curfew/guard/koa'\n`
    assert.is(run(app, 'esm.mjs', `${imported}${program()}`), 'unavailable,refused')
    const required =
      `const { createPublicKey } = require('node:crypto')\n` +
      `const ${names} = require('curfew/guard')\nrequire('curfew/guard/koa')\n`
    assert.is(run(app, 'cjs.cjs', `${required}${program()}`), 'unavailable,refused')
  },

  'has types for importers and requirers, and they refuse what is wrong': () => {
    const { app } = consumer()
    for (const file of ['consumer.mts', 'consumer.cts']) {
      writeFileSync(join(app, file), typed)
      assert.equal(typeProblems(app, file), [], file)
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
    // Node 10 read no exports; what Curfew runs on does.
    const problems = ('problems' in found ? found.problems : []).filter(
      (problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    )
    assert.equal(problems, [])
  },
})
