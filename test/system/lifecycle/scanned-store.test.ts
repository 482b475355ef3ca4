import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { openPlain } from '../../support/worlds/older-lmdb.ts'

const scan = join(projectRoot, 'shared/adapters/lmdb/environment/scan-file.mjs')

claims('the scan of a store that is shorter than it says', {
  'finds nothing wrong with a sound one, whatever its keys and values are': () =>
    inTempFolder('scanned', async (path) => {
      const env = await openLmdb({ path, clock, logger })
      await env.close()
      const root = openPlain(path)
      const bytes = root.openDB<Uint8Array, Uint8Array>({
        name: 'bytes',
        encoding: 'binary',
        keyEncoding: 'binary',
      })
      for (let index = 0; index < 300; index += 1) bytes.putSync(randomBytes(24), randomBytes(300))
      await root.close()
      const { stderr } = await promisify(execFile)(process.execPath, [scan, path])
      assert.is(stderr, '')
    }),
})
