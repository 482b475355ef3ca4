import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot, type SourceText, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'
import type { House } from './house.ts'
import { houses } from './houses.ts'
import { brokenRooms, importCircles, wrongRows } from './room-rules.ts'

let read: readonly SourceText[] | null = null
const shipped = (): readonly SourceText[] => {
  read ??= sourcesBelow('shared', 'services', 'bench')
  return read
}

/** A house of three rooms, as a sample: `words` is below `door`, and `door` below `trail`. */
const sample: House = {
  folder: 'services/inn',
  ground: ['config.ts'],
  rooms: [
    { name: 'words', shows: 'all', uses: [] },
    { name: 'door', shows: ['index.ts'], uses: ['words'] },
    { name: 'trail', shows: ['index.ts'], uses: ['words', 'door'] },
  ],
}

const file = (path: string, ...imported: readonly string[]): SourceText => ({
  path: `services/inn/${path}`,
  text: imported.map((to) => `import type { A } from '${to}'`).join('\n'),
})

const sound: readonly SourceText[] = [
  file('config.ts', './door/index.ts'),
  file('compose.ts', './trail/index.ts', './words/names.ts'),
  file('words/names.ts', '../config.ts'),
  file('door/index.ts', './open-door.ts'),
  file('door/open-door.ts', '../words/names.ts'),
  file('trail/index.ts', '../door/index.ts', '../words/names.ts'),
]

claims('rooms', {
  'no file imports itself through others, types included': () => {
    const found = importCircles(shipped())
    assert.equal(found, [], `\n${found.join('\n')}`)
  },

  'a room is imported by its public file, and in the order of the table': () => {
    const found = brokenRooms(shipped())
    assert.equal(found, [], `\n${found.join('\n')}`)
  },

  'each row of the table says what is so': () => {
    const found = wrongRows(shipped(), houses)
    assert.equal(found, [], `\n${found.join('\n')}`)
  },

  'docs/architecture.md shows the rooms of the gateway as the table has them': () => {
    const page = readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8')
    const [, section = ''] = page.split('### The rooms of the gateway\n')
    const [table = ''] = section.split('\n## ')
    const shown = [...table.matchAll(/^\| `([a-z-]+)` +\|.*\| ?([^|]*)\|$/gm)]
    const rooms = houses.find(({ folder }) => folder === 'services/gateway')?.rooms ?? []
    assert.equal(
      shown.map(([, name, uses = '']) => ({
        name,
        uses: [...uses.matchAll(/`([a-z/-]+)`/g)].map((match) => match[1]),
      })),
      rooms.filter(({ name }) => !name.includes('/')).map(({ name, uses }) => ({ name, uses })),
    )
  },

  'a circle is found and shown, be it of types or of one file': () => {
    const found = importCircles([
      file('a.ts', './b.ts', './x.ts'),
      file('b.ts', './door/c.ts'),
      file('door/c.ts', '../a.ts', 'koa'),
      file('x.ts', './x.ts'),
    ])
    assert.equal(found, [
      'services/inn/a.ts -> services/inn/b.ts -> services/inn/door/c.ts -> services/inn/a.ts',
      'services/inn/x.ts -> services/inn/x.ts',
    ])
  },

  'a sound house has nothing to tell': () => {
    assert.equal(brokenRooms(sound, [sample]), [])
    assert.equal(wrongRows(sound, [sample]), [])
  },

  'an import past the public file is told, from inside the house and from outside': () => {
    assert.equal(
      brokenRooms(
        [file('compose.ts', './door/open-door.ts'), file('../a.ts', './inn/door/b.ts')],
        [sample],
      ),
      [
        'services/inn/compose.ts -> services/inn/door/open-door.ts: door shows index.ts alone',
        'services/inn/../a.ts -> services/inn/door/b.ts: door shows index.ts alone',
      ],
    )
  },

  'an import against the order is told, and one of what stands above the rooms': () => {
    assert.equal(
      brokenRooms(
        [
          file('words/names.ts', '../door/index.ts'),
          file('door/open-door.ts', '../trail/index.ts', '../compose.ts'),
        ],
        [sample],
      ),
      [
        'services/inn/words/names.ts -> services/inn/door/index.ts: words uses no other room',
        'services/inn/door/open-door.ts -> services/inn/trail/index.ts: door uses words',
        'services/inn/door/open-door.ts -> services/inn/compose.ts: ' +
          'compose.ts stands above the room door',
      ],
    )
  },

  'a row that says what is not so is told': () => {
    const wrong: House = {
      ...sample,
      rooms: [
        { name: 'door', shows: ['index.ts', 'more.ts'], uses: ['words'] },
        { name: 'words', shows: 'all', uses: ['door'] },
        { name: 'attic', shows: 'all', uses: [] },
      ],
    }
    assert.equal(wrongRows(sound, [wrong]), [
      'services/inn/trail: the table has no row for it',
      'services/inn/door: there is no more.ts',
      'services/inn/door: words does not stand above it',
      'services/inn/words: it does not use door',
      'services/inn/attic: there is no such room',
    ])
  },
})
