import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEntropy } from '../../../../shared/kernel/entropy.ts'
import {
  keyFileNames,
  loadRing,
  openKeyFiles,
  saveRing,
} from '../../../../shared/tokens/key-rings/index.ts'
import { withKeyFolderLock } from '../../../../shared/tokens/key-rings/key-folder-lock.ts'
import { refusalOf, withKeys } from '../../../support/fakes/key-folder.ts'
import { filesIn, mountSecret } from '../../../support/fakes/mounted-secret.ts'
import { notRun } from '../../../support/not-run.ts'
import {
  asUser,
  canBecomeOthers,
  stranger,
  volumeGroup,
} from '../../../support/requests/as-user.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'

const entropy = systemEntropy
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777

const ofVolume = async (dir: string): Promise<void> => {
  await mkdir(dir)
  await chown(dir, 0, volumeGroup)
  await chmod(dir, 0o2770)
}

const asOthers = canBecomeOthers
  ? {
      // asvs: 13.3.1
      'a Secret of root and the group is read by a user of that group, and by nobody else': () =>
        withKeys(async (made) => {
          const dir = join(made, 'mounted')
          await mountSecret(dir, await filesIn(made), { gid: volumeGroup })
          for (const path of [join(made, '..'), made]) await chmod(path, 0o755)
          const open = () => refusalOf(openKeyFiles({ dir, entropy, groupAccess: 'read' }))
          assert.is(await asUser(stranger, [volumeGroup], open), null)
          const refusal = String(await asUser(stranger, [], open))
          assert.match(refusal, /KEYS_INVALID: .*signing\.json cannot be read \(EACCES\).*fsGroup/)
        }),
      'what is missing in a folder that cannot be written to is told with the way out': () =>
        withKeys(async (made) => {
          const dir = join(made, 'mounted')
          const { 'refresh.json': _gone, ...files } = await filesIn(made)
          await mountSecret(dir, files, { gid: volumeGroup })
          for (const path of [join(made, '..'), made]) await chmod(path, 0o755)
          const told = await asUser(stranger, [volumeGroup], async () => [
            await refusalOf(openKeyFiles({ dir, entropy, groupAccess: 'read' })),
            await refusalOf(openKeyFiles({ dir: join(dir, 'new'), entropy })),
            await refusalOf(withKeyFolderLock(dir, { entropy }, async () => {})),
          ])
          for (const one of told) assert.match(String(one), /^KEYS_READ_ONLY: .*curfew keys make/)
          assert.ok(told[0]?.includes('refresh.json'), String(told[0]))
        }),
      'keys of receivers that cannot be made are an answer, and are taken once they are there':
        () =>
          withKeys(async (made) => {
            const dir = join(made, 'mounted')
            const secret = await mountSecret(dir, await filesIn(made), { gid: volumeGroup })
            for (const path of [join(made, '..'), made]) await chmod(path, 0o755)
            const { sets } = await openKeyFiles({ dir: made, entropy })
            await asUser(stranger, [volumeGroup], async () => {
              const keys = await openKeyFiles({ dir, entropy, groupAccess: 'read' })
              assert.match(
                String(await refusalOf(keys.sets.ensure())),
                /^KEYS_READ_ONLY: .*set\.json/,
              )
              process.seteuid?.(0)
              const { ringId } = await sets.ensure()
              await secret.change(await filesIn(made))
              process.seteuid?.(stranger.uid)
              await keys.reload()
              assert.is((await keys.sets.ensure()).ringId, ringId)
            })
          }),
      'on a volume that a group shares, two users change the same keys': () =>
        inTempFolder('volume', async (root) => {
          await chmod(root, 0o755)
          const dir = join(root, 'keys')
          await ofVolume(dir)
          const groupAccess = 'write'
          const other = { uid: stranger.uid + 1, gid: stranger.gid + 1 }
          await asUser(stranger, [volumeGroup], async () => {
            assert.match(
              String(await refusalOf(openKeyFiles({ dir, entropy }))),
              /CURFEW_KEYS_GROUP_ACCESS=write/,
            )
            await openKeyFiles({ dir, entropy, groupAccess })
          })
          await asUser(other, [volumeGroup], async () => {
            await openKeyFiles({ dir, entropy, groupAccess })
            await withKeyFolderLock(dir, { entropy }, async () => {
              await saveRing(dir, await loadRing('access', dir, groupAccess), entropy, groupAccess)
            })
          })
          await asUser(stranger, [volumeGroup], async () => {
            await openKeyFiles({ dir, entropy, groupAccess })
            await withKeyFolderLock(dir, { entropy }, async () => {})
          })
          for (const name of [keyFileNames.access, keyFileNames.mac]) {
            assert.is(await modeOf(join(dir, name)), 0o660)
            assert.is((await stat(join(dir, name))).gid, volumeGroup)
          }
        }),
      'a changed file keeps its group and what the group may do': () =>
        withKeys(async (dir) => {
          const path = join(dir, keyFileNames.access)
          await chown(path, 0, volumeGroup)
          await chmod(path, 0o640)
          await saveRing(dir, await loadRing('access', dir, 'read'), entropy, 'read')
          assert.is(await modeOf(path), 0o640)
          assert.is((await stat(path)).gid, volumeGroup)
          // Where the group may do nothing, a change closes what was open.
          const text = await readFile(path, 'utf8')
          await saveRing(dir, await loadRing('access', dir, 'read'), entropy)
          assert.is(await modeOf(path), 0o600)
          assert.is((await readFile(path, 'utf8')).length, text.length)
        }),
    }
  : {}

if (canBecomeOthers) claims('keys under the users of a platform', asOthers)
else notRun('keys under the users of a platform', 'only root can become somebody else')
