import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const churned = fileURLToPath(new URL('../../support/worlds/churned-lmdb.ts', import.meta.url))
const typescript = fileURLToPath(new URL('../../../.ci/typescript.mjs', import.meta.url))

/** What ends the process that plays these sequences, and what it says. */
const endOf = (list: 'kept' | 'anew', seeds: readonly number[]) =>
  inTempFolder('free-pages', async (path) => {
    const given = ['--import', typescript, churned, path, list, ...seeds.map(String)]
    const child = spawn(process.execPath, given, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString('utf8')
    })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    return { end: signal ?? code, said }
  })

/** Three among the first 150 that end it. */
const harmful = [48, 55, 79]

claims('free pages', {
  // When this fails, lmdb-js is mended and `freePages` can go.
  'kept from one transaction to the next, as lmdb-js does, end the process': async () => {
    for (const seed of harmful) {
      const { end, said } = await endOf('kept', [seed])
      assert.is(end, 'SIGABRT')
      assert.match(said, /Freelist record not found/)
    }
  },

  'read anew by each transaction, do no harm': async () => {
    assert.equal(await endOf('anew', [...harmful, 1, 2, 3, 4, 5]), { end: 0, said: '' })
  },
})
