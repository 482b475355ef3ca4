import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeValue } from '../../../shared/adapters/lmdb/values/packed-values.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { openPlain } from '../../support/worlds/older-lmdb.ts'

type Stored = Readonly<{ name: string; value: unknown }>
const golden = join(projectRoot, 'test/golden/lmdb/values1.json')
const stored = (JSON.parse(readFileSync(golden, 'utf8')) as readonly Stored[]).filter(({ name }) =>
  /^(commit|record) /.test(name),
)

/** The bytes that a database of lmdb-js has for each of these, the second time they are put. */
const bytesBy = async (options: Readonly<Record<string, unknown>>): Promise<readonly Buffer[]> => {
  let found: readonly Buffer[] = []
  await inTempFolder('values', async (path) => {
    const root = openPlain(path)
    const values = root.openDB<unknown, number>({ name: 'values', ...options })
    for (const _turn of [1, 2]) {
      for (const [index, { value }] of stored.entries()) values.putSync(index, value)
    }
    const bytes = root.openDB<Buffer, number>({ name: 'values', encoding: 'binary' })
    found = stored.map((_, index) => Buffer.from(bytes.get(index) ?? []))
    await root.close()
  })
  return found
}

const sum = (all: readonly Buffer[]): number => all.reduce((bytes, { length }) => bytes + length, 0)

/** If one of these goes red with a newer release, take the library: see decisions 74 and 89. */
claims('values of LMDB are packed by hand because', {
  'msgpackr takes twice the space, with shared structures too': async () => {
    const sharedStructuresKey = Symbol.for('structures')
    const theirs = sum(await bytesBy({ encoding: 'msgpack', sharedStructuresKey }))
    assert.ok(theirs > 2 * sum(stored.map(({ value }) => encodeValue(value))), `${theirs}`)
  },

  'lmdb-js gives another value for a damaged one that it compressed, and says nothing': () =>
    inTempFolder('damaged', async (path) => {
      const root = openPlain(path)
      const options = { encoding: 'json', compression: { threshold: 1 } } as const
      const values = root.openDB<unknown, string>({ name: 'values', ...options })
      const bytes = root.openDB<Buffer, string>({ name: 'values', encoding: 'binary' })
      values.putSync('session', { sid: '5e551011ab' })
      const damaged = Buffer.from(bytes.get('session') ?? [])
      damaged[damaged.indexOf('5e55')] = '9'.charCodeAt(0)
      bytes.putSync('session', damaged)
      assert.equal(values.get('session'), { sid: '9e551011ab' })
      await root.close()
    }),
})
