import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const page = 'docs/operations.md'
const heading = '## What happens when'
/** What a fleet stands on: each has a row at least. */
const grounds = [
  'Broker',
  'Controller',
  'Database',
  'Projector',
  'Gateway',
  'Clock',
  'Disk',
  'Network',
  'Certificate',
  'Operator’s mistake',
]

type Row = Readonly<{ what: string; cells: readonly string[]; proof: string }>

const rows = (): Row[] => {
  const text = readFileSync(join(projectRoot, page), 'utf8')
  const section = text.split(`${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| **'))
  return lines.map((line) => {
    const cells = line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim())
    return { what: cells[0] ?? '', cells, proof: cells.at(-1) ?? '' }
  })
}

/** What is wrong with a row's proof; nothing, as it must be. */
const unproven = ({ what, proof }: Row): string[] => {
  const named = [...proof.matchAll(/`([^`]+\.ts)`/g)].map((match) => match[1] ?? '')
  const gone = named.filter(
    (path) => !/^test\/.*\.test\.ts$/.test(path) || !existsSync(join(projectRoot, path)),
  )
  const isReasoned = /^no test: .{20,}/.test(proof)
  return [
    ...gone.map((path) => `${what}: ${path} is no test`),
    ...(named.length === 0 && !isReasoned ? [`${what}: neither a test nor a reason`] : []),
  ]
}

claims('what happens when', {
  'every row names a test that exists, or says why there is none': () => {
    assert.equal(rows().flatMap(unproven), [])
  },

  'every row says what users see, what is promised and what tells whom': () => {
    const short = rows().filter(({ cells }) => cells.length !== 5 || cells.includes(''))
    assert.equal(
      short.map(({ what }) => what),
      [],
    )
  },

  'everything that a fleet stands on has a row': () => {
    const said = rows().map(({ what }) => what.replaceAll("'", '’'))
    const without = grounds.filter((ground) => !said.some((what) => what.includes(`**${ground}`)))
    assert.equal(without, [])
  },

  'a row without a proof is found': () => {
    const row = { what: 'Moon', cells: [], proof: '`test/system/moon.test.ts`' }
    assert.equal(unproven(row), ['Moon: test/system/moon.test.ts is no test'])
    assert.equal(unproven({ ...row, proof: 'surely' }), ['Moon: neither a test nor a reason'])
  },
})
