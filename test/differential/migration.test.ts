import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'
import { differences } from './differences.ts'

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const page = read('docs/migration.md')
const { settings } = JSON.parse(read('test/golden/simple-jwt/settings.json')) as Readonly<{
  settings: readonly Readonly<{ name: string }>[]
}>

const table = page.slice(page.indexOf('## Settings'), page.indexOf('## What is different'))
const rowOf = (name: string): readonly string[] =>
  table
    .split('\n')
    .filter((line) => line.startsWith(`| \`${name}\` |`))
    .flatMap((line) => line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim()))

claims('the migration page', {
  'has one row for each setting of Simple-JWT, with an equal or a reason': () => {
    assert.is(settings.length, 34)
    for (const { name } of settings) {
      const [, , here = ''] = rowOf(name)
      assert.is(rowOf(name).length, 4, name)
      assert.match(here, /CURFEW_[A-Z]|\.$/, name)
    }
  },

  'shows every listed difference': () => {
    for (const { what, why } of differences) {
      assert.ok(page.includes(`| ${what} |`) && page.includes(why), what)
    }
  },
})
