import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { switches } from '../model/model-rules.ts'
import { filesBelow, projectRoot, type SourceText, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const page = 'docs/decisions/0073-counterexamples.md'
const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

type Section = Readonly<{ name: string; text: string }>

const sectionsOf = (text: string): readonly Section[] =>
  text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n')
      return { name: part.slice(0, end), text: part.slice(end + 1) }
    })

/** What comments call by name, their lines joined. */
const namedIn = ({ text }: SourceText): string[] => {
  const joined = text.replace(/\n\s*(?:\*|\/\/) /g, ' ')
  return [...joined.matchAll(/\(decision 0073: ([\p{L}][^)]+)\)/gu)].map(([, name = '']) => name)
}

/** Numbers and names of papers that are not in the project. */
const papers =
  /\bH\d{1,2}\b|DESIGN\.md|\bmodel\.mjs\b|\bmodel switch\b|\bissue \d+\b|shared\/reference/

const papersIn = ({ path, text }: SourceText): string[] =>
  text.split('\n').flatMap((line, at) => (papers.test(line) ? [`${path}:${at + 1}: ${line}`] : []))

const documents = (): SourceText[] =>
  ['README.md', 'CHANGELOG.md', ...filesBelow('docs', (path) => path.endsWith('.md'))].map(
    (path) => ({ path, text: read(path) }),
  )

claims('the counterexamples', {
  'are each told in a few lines, and played by the model or shown by a test that is there': () => {
    const sections = sectionsOf(read(page))
    const names = sections.map(({ name }) => name)
    const untold = Object.keys(switches).filter((name) => !names.includes(name))
    assert.equal(untold, [])
    assert.equal(names, [...new Set(names)])
    for (const { name, text } of sections) {
      assert.ok(text.trim().split('\n').length <= 8, `${name}: too long`)
      if (name in switches) continue
      const shown = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
      assert.ok(shown.length > 0, `${name}: neither played nor shown`)
      for (const path of shown) read(path)
    }
  },

  'are what comments name, in the words of the page': () => {
    const names = sectionsOf(read(page)).map(({ name }) => name)
    const sources = sourcesBelow('shared', 'services', 'test')
    const named = sources.flatMap((source) =>
      namedIn(source).map((name) => `${source.path}: ${name}`),
    )
    assert.ok(named.length >= 10, `only ${named.length} are named`)
    const unknown = named.filter((one) => !names.some((name) => one.endsWith(`: ${name}`)))
    assert.equal(unknown, [])
  },

  'are in the project: nothing refers to papers elsewhere': () => {
    const sources = [...sourcesBelow('shared', 'services', 'test', 'bench'), ...documents()]
    const own = ({ path }: SourceText): boolean => path.endsWith('counterexamples.test.ts')
    assert.equal(sources.filter((one) => !own(one)).flatMap(papersIn), [])
    assert.is(papersIn({ path: 'a', text: 'as in DESIGN.md (H7)' }).length, 1)
  },
})
