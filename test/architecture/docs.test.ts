import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'
import { generatedFiles } from '../../.ci/reference/pages.ts'
import { settings } from '../../.ci/reference/settings.ts'
import { errorCatalogue } from '../../shared/kernel/errors.ts'
import { filesBelow, projectRoot, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const none = (found: readonly string[]): void =>
  assert.is(found.length, 0, `${found.length} found\n${found.join('\n')}`)

let made: ReturnType<typeof generatedFiles> | null = null
const generated = (): ReturnType<typeof generatedFiles> => {
  made ??= generatedFiles()
  return made
}

const pages = (): string[] => [
  'README.md',
  'CHANGELOG.md',
  'shared/curfew-guard/README.md',
  ...filesBelow('docs', (path) => path.endsWith('.md')),
]
const withSettings = (): string[] => [...pages(), 'docker-compose.yml', 'Dockerfile']

/** `[text](target)` of a page, without addresses elsewhere and without the part behind `#`. */
const linksIn = (page: string): string[] =>
  [...read(page).matchAll(/\]\(([^)\s]+)\)|src(?:set)?="([^"]+)"/g)]
    .map((match) => (match[1] ?? match[2] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))

const knownVariables = (): Set<string> =>
  new Set(settings().map(({ field }) => field.env as string))

/** The `ts` blocks of a page as files at the root: their relative imports are the project's. */
const blocksIn = (page: string): [path: string, text: string][] =>
  [...read(page).matchAll(/^```ts(?: [a-z-]+)?\n(.*?)^```$/gms)].map((match, index) => [
    join(projectRoot, `${page.replaceAll('/', '-')}.${index + 1}.ts`),
    match[1] ?? '',
  ])

/**
 * What the compiler says of files that exist in memory only, by the project's own settings: each
 * file that it finds fault with, once for each fault.
 */
const faultsOf = (
  files: ReadonlyMap<string, string>,
): (readonly [path: string, fault: string])[] => {
  const { config } = ts.readConfigFile(join(projectRoot, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, projectRoot)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path)
    return text === undefined
      ? getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host)
  return [...files.keys()].flatMap((path) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => [path, ts.flattenDiagnosticMessageText(messageText, ' ')] as const),
  )
}

claims('documentation', {
  'generated pages are what `npm run docs` writes now': () => {
    for (const [path, text] of generated()) {
      assert.ok(existsSync(join(projectRoot, path)), `${path} is missing: npm run docs`)
      assert.is(read(path), text, `${path} is out of date: npm run docs`)
    }
  },

  'no page or schema is left over': () => {
    const there = [
      ...filesBelow('docs/reference', () => true),
      ...filesBelow('shared/events/schemas', () => true),
    ]
    none(there.filter((path) => !generated().has(path)))
  },

  'every code is on the page, and every code on the page is in the catalogue': () => {
    const onPage = [...read('docs/reference/errors.md').matchAll(/^\| `([A-Z_]+)` \|/gm)]
    assert.equal(onPage.map((match) => match[1]).sort(), Object.keys(errorCatalogue).sort())
  },

  'every code is used somewhere': () => {
    const text = sourcesBelow('shared', 'services')
      .filter(({ path }) => path !== 'shared/kernel/errors.ts')
      .map((source) => source.text)
      .join('\n')
    // Named for readers of the log and of other services' answers.
    const answered = new Set(['CLIENT_INVALID', 'FORBIDDEN', 'GUARD_STALE', 'LOG_RECORD_INVALID'])
    none(Object.keys(errorCatalogue).filter((code) => !text.includes(code) && !answered.has(code)))
  },

  'every setting that a page names exists': () => {
    const known = knownVariables()
    none(
      withSettings().flatMap((page) =>
        [...read(page).matchAll(/\bCURFEW_[A-Z0-9_]*[A-Z0-9]\b/g)]
          .map(([name]) => name)
          .filter((name) => !known.has(name))
          .map((name) => `${page}: ${name}`),
      ),
    )
  },

  'every command that a page names exists': () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
    const cli = sourcesBelow('services/cli')
      .map(({ text }) => text)
      .join('\n')
    const commands = [...cli.matchAll(/\.command\((?:'|`)(?:\$\{verb\} )?([a-z]+)/g)].map(
      (m) => m[1],
    )
    const known = new Set([...commands, 'list', 'enable', 'disable'])
    const wrong = pages().flatMap((page) => [
      ...[...read(page).matchAll(/\bnpm run ([a-z:]+)/g)]
        .filter((match) => !scripts.includes(match[1] ?? ''))
        .map(([text]) => `${page}: ${text}`),
      ...[...read(page).matchAll(/\b(?:npx )?curfew (?:users )?([a-z]+)(?=[ `\n])/g)]
        .filter((match) => match[0].startsWith('npx') && !known.has(match[1] ?? ''))
        .map(([text]) => `${page}: ${text}`),
    ])
    none(wrong)
  },

  'every override, and every patch of a library, has a line that says when it can go': () => {
    const rows = read('docs/decisions/0075-a-package-for-the-guard.md').match(/^\| .+ \|$/gm) ?? []
    const [, , ...whats] = rows.map((row) => row.split(' | '))
    const { overrides = {} } = JSON.parse(read('package.json')) as { overrides?: object }
    const patches = filesBelow('shared', (path) => path.endsWith('-patch.ts'))
    const here = [...Object.entries(overrides).map((entry) => entry.join('` ')), ...patches]
    assert.ok(here.length > 0)
    for (const one of here) {
      const line = whats.find(([what = '']) => what.includes(one))
      assert.ok((line?.[2] ?? '').length > 10, one)
    }
    assert.is(whats.length, here.length)
  },

  'every link to a file of the project leads somewhere': () => {
    none(
      pages().flatMap((page) =>
        linksIn(page)
          .filter((target) => !existsSync(join(projectRoot, dirname(page), target)))
          .map((target) => `${page} -> ${target}`),
      ),
    )
  },

  'every decision is in the index, under its title': () => {
    const index = 'docs/decisions/README.md'
    const lines = filesBelow('docs/decisions', (path) => path.endsWith('.md'))
      .filter((path) => path !== index)
      .map((path) => `- [${read(path).split('\n', 1)[0]?.slice(2)}](${basename(path)})`)
    const listed = read(index)
      .split('\n')
      .filter((line) => line.startsWith('- '))
    assert.equal(listed.sort(), lines.sort())
  },

  'every `ts` block compiles': () => {
    const blocks = new Map(pages().flatMap(blocksIn))
    assert.ok(blocks.size > 0)
    const wrong = join(projectRoot, 'wrong.ts')
    const faults = faultsOf(new Map([...blocks, [wrong, "import { a } from './shared/a.ts'"]]))
    none(faults.filter(([path]) => path !== wrong).map((fault) => fault.join(': ')))
    assert.ok(faults.some(([path]) => path === wrong))
  },

  'every decision has a number of its own, which its title says': () => {
    const files = filesBelow('docs/decisions', (path) => /\/\d{4}-[^/]+\.md$/.test(path))
    const numberOf = (path: string): number => Number(basename(path).slice(0, 4))
    const numbers = files.map(numberOf)
    none(files.filter((path, at) => numbers.indexOf(numberOf(path)) !== at))
    none(files.filter((path) => !read(path).startsWith(`# ${numberOf(path)}. `)))
    assert.ok(files.length > 90)
  },
})
