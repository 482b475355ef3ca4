import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { typescriptArgs } from '../../support/processes/typescript-args.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { storeOfFormat2, writeOlderStore } from '../../support/worlds/older-lmdb.ts'

const reader = join(import.meta.dirname, '../../support/fakes/older-store-reader.ts')

claims('a store of format 2 that another process uses', {
  'is left alone, and upgraded once that process has ended': () =>
    inTempFolder('format2', async (path) => {
      await writeOlderStore(path, storeOfFormat2())
      const stdio = ['pipe', 'pipe', 'inherit'] as const
      const child = spawn(process.execPath, [...typescriptArgs, reader, path], {
        stdio: [...stdio],
      })
      await once(child.stdout, 'data')
      const open = () => openLmdb({ path, clock, logger })
      const refused = await open().catch((error: unknown) => error)
      assert.ok(isAuthError(refused, 'STORE_UNAVAILABLE'), String(refused))
      assert.match(refused.message, `process ${child.pid} uses it`)
      child.stdin.end()
      await once(child, 'exit')
      await (await open()).close()
    }),
})
