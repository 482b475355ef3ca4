import { join } from 'node:path'
import {
  type AuditKeyFolder,
  loadAuditKeys,
  openAuditKeys,
  rotateAuditKeys,
} from '../../../../services/auditor/keys/audit-key-file.ts'
import type { AuditKeyRing } from '../../../../services/auditor/keys/audit-key-ring.ts'
import { systemEntropy } from '../../../../shared/kernel/entropy.ts'
import { replacePrivate } from '../../../../shared/tokens/secret-files/index.ts'
import { noon } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

const bytesMax = 1024 * 1024

/** As after so many rotations that hardly one more key has room. */
const filledUp = (ring: AuditKeyRing): string => {
  const rotated = ring.rotated(noon).serialized()
  const former = /,\n {4}\{[^}]*\}/.exec(rotated)?.[0] ?? ''
  const more = Math.floor((bytesMax - rotated.length) / former.length)
  return rotated.replace(former, former.repeat(1 + more))
}

claims('the file of the audit keys', {
  'a rotation that would make it unreadable is refused, and leaves it as it was': () =>
    inTempFolder('audit-keys', async (dir) => {
      const folder: AuditKeyFolder = { dir, entropy: systemEntropy, groupAccess: 'none' }
      const full = filledUp(await openAuditKeys(folder))
      assert.ok(full.length > bytesMax - 400)
      const file = { path: join(dir, 'audit.json'), text: full }
      await replacePrivate({ ...file, entropy: systemEntropy, groupAccess: 'none' })
      let refusal = ''
      for (let tries = 0; tries < 3 && refusal === ''; tries += 1) {
        await rotateAuditKeys(folder, noon).catch((error: Error) => {
          refusal = error.message
        })
      }
      assert.match(refusal, /audit\.json cannot hold another key/)
      const [newest] = (await loadAuditKeys(folder)).verifierKeys('log')
      assert.ok(newest)
    }),
})
