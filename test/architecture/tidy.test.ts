import { sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'
import { bannedText, oversize, unreachable } from './tidy-rules.ts'

const shipped = () => sourcesBelow('shared', 'services')
const everything = () => [...shipped(), ...sourcesBelow('test', 'bench', '.ci')]
const none = (found: readonly string[]): void =>
  assert.is(found.length, 0, `${found.length} found\n${found.join('\n')}`)

const a = (path: string, ...lines: readonly string[]) => ({ path, text: lines.join('\n') })
const words = (found: readonly string[]): string[] => found.map((text) => text.split(': ')[1] ?? '')

claims('tidiness', {
  // asvs: 11.5.1
  'no file holds banned text': () => none(everything().flatMap(bannedText)),

  'files, functions and lines are short': () => none(everything().flatMap(oversize)),

  // asvs: 15.2.3
  'every file that ships is reached from a root': () => none(unreachable(shipped())),

  'banned text is found in code, with its place and what to use instead': () => {
    const bad = a(
      'shared/session/x.ts',
      'const port = process.env.PORT',
      'const at = Date.now() + new Date().getTime()',
      ['const id = `$', '{Math.random()} $', '{randomUUID()}`'].join(''),
      "console.log('x')",
      'mkdirSync(dir, { recursive: true })',
      "test.only('x', () => {})",
      'export default port',
    )
    const found = bannedText(bad)
    assert.equal(words(found), [
      'process.env',
      'Date.now(',
      'Math.random',
      'console.',
      'mkdirSync(dir, { recursive',
      '.only(',
      'export default',
    ])
    assert.ok(found[1]?.startsWith('shared/session/x.ts:2: Date.now(: use Clock'))
  },

  'strings, patterns and comments may name what is banned, and its home may use it': () => {
    const good = a(
      'shared/session/x.ts',
      '// Date.now() is read in clock.ts; process.env in main.ts',
      '/** console.log is not for us. */',
      "const text = 'Math.random' + `console.log()` + String(/export default/)",
      'const day = new Date(0)',
    )
    none(bannedText(good))
    none(bannedText(a('shared/kernel/clock.ts', 'Date.now()')))
    none(bannedText(a('services/gateway/main.ts', 'process.env')))
    none(bannedText(a('services/cli/x.ts', 'console.log(process.env)')))
  },

  'what is too long is found': () => {
    const body = Array.from({ length: 70 }, () => '  x()')
    const long = a('shared/x.ts', 'const f = () => {', ...body, '}')
    assert.equal(oversize(long), ['shared/x.ts:1: a function of 72 lines'])
    none(oversize(a('shared/x.ts', 'const f = () => {', ...body.slice(2), '}', 'x()')))
    const tall = a('shared/x.ts', ...Array.from({ length: 251 }, () => 'x()'))
    assert.equal(oversize(tall), ['shared/x.ts: a file of 251 lines'])
    const wide = a('shared/x.ts', '/'.repeat(100), '/'.repeat(101))
    assert.equal(oversize(wide), ['shared/x.ts:2: a line of 101 characters'])
  },

  'a file that nothing reaches is found; one started by name is reached': () => {
    const sources = [
      a('services/cli/curfew.mjs', "await import('./main.ts')"),
      a('services/cli/main.ts', "import type { A } from '../../shared/a.ts'"),
      a('shared/a.ts', "new Worker(new URL('./worker.mjs', import.meta.url))"),
      a('shared/worker.mjs', ''),
      a('shared/dead.ts', "import './a.ts'"),
      a('shared/curfew-guard/index.ts', ''),
    ]
    assert.equal(unreachable(sources), ['shared/dead.ts'])
  },
})
