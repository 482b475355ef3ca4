import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { closureOf } from '../support/import-graph.ts'
import {
  byPath,
  filesBelow,
  projectRoot,
  type SourceText,
  sourcesBelow,
} from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'
import { type Claim, reasons, recipeClaims } from './recipe-claims.ts'

const pages = (): readonly string[] => [
  'README.md',
  ...filesBelow('docs', (path) => /^docs\/[^/]+\.md$/.test(path)),
]
const read = (page: string): string => readFileSync(join(projectRoot, page), 'utf8')
const none = (found: readonly string[]): void => assert.equal(found, [])

/** Lines that open or close a block, by whatever Markdown takes for a fence. */
const fencesOf = (text: string): readonly string[] => text.match(/^[ \t>]*(`{3,}|~{3,}).*$/gm) ?? []

const opens = /^```[a-z]+ ([a-z0-9-]+)$/

/** Names of a page's blocks, and what is no block that a test could name. */
const blocksOf = (text: string): Readonly<{ names: string[]; odd: string[] }> => {
  const [names, odd]: [string[], string[]] = [[], []]
  for (const [index, line] of fencesOf(text).entries()) {
    const name = opens.exec(line)?.[1]
    if (index % 2 === 1 ? line !== '```' : name === undefined) odd.push(line)
    else if (name !== undefined) names.push(name)
  }
  return { names, odd: fencesOf(text).length % 2 === 1 ? [...odd, 'a fence is open'] : odd }
}

const testOf = (claim: Claim): string => (typeof claim === 'string' ? claim : claim.checkedBy)

const listed = Object.entries(recipeClaims).flatMap(([page, blocks]) =>
  Object.entries(blocks).map(([block, claim]) => ({ page, block, claim })),
)

const sources = byPath(sourcesBelow('test'))

/** What a file says in quotes, and the names of members: a table of blocks has those. */
const wordsIn = ({ path, text }: SourceText): ReadonlySet<string> => {
  const words = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) words.add(node.text)
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) words.add(node.name.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return words
}

const said = new Map<string, ReadonlySet<string>>()
const wordsOnce = (source: SourceText): ReadonlySet<string> => {
  const words = said.get(source.path) ?? wordsIn(source)
  said.set(source.path, words)
  return words
}

const readers = /\b(namedBlock|commandsOf|writePage|docModule)\(/

/** Whether the test, or what it imports below test/, takes the block from the page. */
const takes = (test: string, { page, block }: Readonly<{ page: string; block: string }>) => {
  const reached = closureOf([test], sources, ({ to }) => to.startsWith('test/'))
  return [...reached.keys()].some((path) => {
    const source = sources.get(path)
    if (source === undefined || !readers.test(source.text)) return false
    const words = wordsOnce(source)
    return words.has(page) && words.has(block)
  })
}

claims('recipes of README.md and docs/', {
  'each block has a name, by which a test finds it as it is printed': () => {
    none(pages().flatMap((page) => blocksOf(read(page)).odd.map((line) => `${page}: ${line}`)))
    for (const page of pages()) {
      for (const name of blocksOf(read(page)).names) assert.ok(namedBlock(page, name) !== '')
    }
    const odd = ['```sh\na\n```\n', '~~~sh a\n~~~\n', '  ```sh a\n  ```\n', '```sh a\nb\n']
    for (const text of odd) assert.ok(blocksOf(text).odd.length > 0, text)
  },

  'each is claimed by one test, and nothing is claimed that is not there': () => {
    const printed = pages().flatMap((page) =>
      blocksOf(read(page)).names.map((name) => `${page} ${name}`),
    )
    assert.ok(printed.length > 50)
    assert.equal(listed.map(({ page, block }) => `${page} ${block}`).sort(), printed.sort())
  },

  'each such test is there, and takes the block from its page': () => {
    none(
      listed
        .map(({ claim, ...one }) => ({ ...one, test: testOf(claim) }))
        .filter(({ test, ...one }) => {
          const isTest = test.endsWith('.test.ts') && existsSync(join(projectRoot, test))
          return !isTest || !takes(test, one)
        })
        .map(({ page, block, test }) => `${test} does not run ${block} of ${page}`),
    )
    assert.is(takes('test/recipes/go.test.ts', { page: 'docs/go.md', block: 'other' }), false)
  },

  'what cannot run here says why, in one of the few ways that there are': () => {
    const given = listed.flatMap(({ claim }) => (typeof claim === 'string' ? [] : [claim.cannot]))
    assert.equal([...new Set(given)].sort(), Object.keys(reasons).sort())
  },
})
