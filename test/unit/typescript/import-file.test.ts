import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { importFile } from '../../../shared/typescript/import-file.ts'
import { isOfTsx, loadedScripts, nodeStrips } from '../../support/processes/loaded-scripts.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

type Files = Readonly<Record<string, string>>
const libraryOf = (end: string): Files => ({
  'own.ts': `import { one } from './library${end}'\nexport default { one }`,
  'library.ts': 'export const one: number = 1',
})

/** What an operator may write, by its kind; each gives `one`. */
const kinds: Readonly<Record<string, Files>> = {
  types: { 'own.ts': 'const one: number = 1\nexport default { one } satisfies object' },
  'an enum': { 'own.ts': 'enum Some { one = 1 }\nexport default { one: Some.one }' },
  'a constant enum': { 'own.ts': 'const enum Some { one = 1 }\nexport default { one: Some.one }' },
  'a namespace': { 'own.ts': 'namespace Some { export const one = 1 }\nexport default Some' },
  'a parameter property': {
    'own.ts': 'class Some { constructor(public one: number) {} }\nexport default new Some(1)',
  },
  'a type that is imported as a value': {
    'own.ts': "import { One } from './types.ts'\nconst one: One = 1\nexport default { one }",
    'types.ts': 'export type One = 1',
  },
  'an import of TypeScript': libraryOf('.ts'),
  'an import without an ending': libraryOf(''),
  'an import of what it will be': libraryOf('.js'),
  'an import that is no plain TypeScript': {
    ...libraryOf('.ts'),
    'library.ts': 'export enum Some { one = 1 }\nexport const one = Some.one',
  },
  'an import of TypeScript by JavaScript': {
    'own.mjs': "import { one } from './library'\nexport default { one }",
    'library.ts': 'export enum Some { one = 1 }\nexport const one = Some.one',
  },
  'JSON without an attribute': {
    'own.ts': "import json from './one.json'\nexport default json",
    'one.json': '{ "one": 1 }',
  },
  'a module of ECMAScript by its ending': { 'own.mts': 'const one: number = 1\nexport { one }' },
  'a module of CommonJS by its ending': {
    'own.cts': 'const one: number = 1\nmodule.exports = { one }',
  },
}
const folders: Readonly<Record<string, Files>> = {
  'no kind': {},
  module: { 'package.json': '{ "type": "module" }' },
  commonjs: { 'package.json': '{ "type": "commonjs" }' },
}

const write = async (dir: string, files: Files): Promise<string> => {
  await mkdir(dir, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  return join(dir, Object.keys(files).find((name) => name.startsWith('own.')) ?? '')
}

/** As it is exported, or within the default, which a file of CommonJS may have twice. */
const oneIn = (loaded: unknown): unknown => {
  const { one, default: inner } = loaded as { one?: unknown; default?: unknown }
  return one ?? (inner === undefined ? undefined : oneIn(inner))
}

/** Which files of tsx a process ran that imports `file` so, and what it said. */
const watched = async (dir: string, file: string) => {
  const code = `import { runTypeScript } from ${at('shared/typescript/load.mjs')}
    await runTypeScript(${at('services/cli/main.ts')})
    const { importFile } = await import(${at('shared/typescript/import-file.ts')})
    await importFile(${JSON.stringify(file)})`
  const coverage = join(dir, 'coverage')
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', code],
    { env: { ...process.env, NODE_V8_COVERAGE: coverage } },
  )
  return { stderr, tsx: (await loadedScripts(coverage)).filter(isOfTsx) }
}
const at = (path: string): string => JSON.stringify(pathToFileURL(join(projectRoot, path)).href)

claims('an operator’s own file of TypeScript', {
  'runs whatever its syntax and its folder are, on each version of Node': () =>
    inTempFolder('own-file', async (dir) => {
      for (const [folder, more] of Object.entries(folders)) {
        for (const [kind, files] of Object.entries(kinds)) {
          const what = `${kind}, in a folder of ${folder}`
          const file = await write(join(dir, what.replace(/\W+/g, '-')), { ...files, ...more })
          const loaded = await importFile(file).catch((error: unknown) => `${what}: ${error}`)
          assert.is(oneIn(loaded), 1, typeof loaded === 'string' ? loaded : what)
        }
      }
    }),

  'is run once when its own code throws': () =>
    inTempFolder('own-file', async (dir) => {
      const ran = globalThis as { ranOwnFile?: number }
      for (const error of ['TypeError("no")', 'SyntaxError("no")', 'Error("no")']) {
        ran.ranOwnFile = 0
        const text = `const one: number = globalThis.ranOwnFile++\nthrow new ${error}`
        const file = await write(join(dir, error.slice(0, 4)), { 'own.mts': text })
        const thrown = await importFile(file).catch((reason: unknown) => reason)
        assert.match(String(thrown), /^\w*Error: no$/)
        assert.is(ran.ranOwnFile, 1)
      }
    }),

  'needs no tsx where Node runs it, and says nothing': () =>
    inTempFolder('own-file', async (dir) => {
      const plain = await write(join(dir, 'plain'), kinds['types'] ?? {})
      const { stderr, tsx } = await watched(join(dir, 'plain'), plain)
      assert.is(stderr, '')
      assert.is(tsx.length > 0, !nodeStrips, tsx.join())
      const odd = await write(join(dir, 'odd'), kinds['an enum'] ?? {})
      const fallen = await watched(join(dir, 'odd'), odd)
      assert.is(fallen.stderr, '')
      assert.ok(fallen.tsx.length > 0)
    }),
})
