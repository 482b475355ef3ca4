import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEntropy } from '../../../../shared/kernel/entropy.ts'
import { openVerifyingKeys } from '../../../../shared/tokens/configured-keys/access-keys.ts'
import {
  keyFileNames,
  loadMacRing,
  loadRing,
  openKeyFiles,
  saveRing,
} from '../../../../shared/tokens/key-rings/index.ts'
import { rotateRing } from '../../../../shared/tokens/key-rings/key-ring.ts'
import { publicJwks } from '../../../../shared/tokens/key-rings/public-jwks.ts'
import {
  type GroupAccess,
  groupAccesses,
} from '../../../../shared/tokens/secret-files/file-permissions.ts'
import { refusalOf, withKeys } from '../../../support/fakes/key-folder.ts'
import { filesIn, mountSecret } from '../../../support/fakes/mounted-secret.ts'
import { instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'

const entropy = systemEntropy
const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

const needed = (mode: number): GroupAccess =>
  (mode & 0o020) !== 0 ? 'write' : (mode & 0o070) !== 0 ? 'read' : 'none'
const suffices = (need: GroupAccess, given: GroupAccess): boolean =>
  groupAccesses.indexOf(need) <= groupAccesses.indexOf(given)

const judged = async (
  dir: string,
  groupAccess: GroupAccess,
  isGood: boolean,
  need: GroupAccess,
  mode: number,
): Promise<void> => {
  const refusal = await refusalOf(openKeyFiles({ dir, entropy, groupAccess }))
  const what = `${octal(mode)} with ${groupAccess}: ${refusal}`
  assert.is(refusal === null, isGood, what)
  if (refusal === null) return
  assert.match(refusal, /^KEYS_INVALID: .*Run: chmod (600|700) \//, what)
  assert.ok(refusal.includes(octal(mode)), what)
  const named = /CURFEW_KEYS_GROUP_ACCESS=(\w+)/.exec(refusal)?.[1] ?? null
  assert.is(named, (mode & 0o007) === 0 ? need : null, what)
}

claims('who besides its owner may have access to keys', {
  'of a file: nobody else by any bit, and its group as far as the setting says': () =>
    withKeys(async (dir) => {
      const path = join(dir, keyFileNames.refresh)
      for (const groupAccess of groupAccesses) {
        for (let bits = 0; bits <= 0o077; bits += 1) {
          const mode = 0o600 | bits
          await chmod(path, mode)
          const isGood = (mode & 0o007) === 0 && suffices(needed(mode), groupAccess)
          await judged(dir, groupAccess, isGood, needed(mode), mode)
        }
      }
    }),
  'of the folder: nobody else can write to it, and its group only with `write`': () =>
    withKeys(async (dir) => {
      for (const groupAccess of groupAccesses) {
        for (let bits = 0; bits <= 0o077; bits += 1) {
          for (const special of [0, 0o2000]) {
            const mode = special | 0o700 | bits
            await chmod(dir, mode)
            const isGood = (mode & 0o002) === 0 && ((mode & 0o020) === 0 || groupAccess === 'write')
            const refusal = await refusalOf(openKeyFiles({ dir, entropy, groupAccess }))
            assert.is(refusal === null, isGood, `${octal(mode)} ${groupAccess}: ${refusal}`)
            if (refusal) assert.ok(refusal.includes(`CURFEW_KEYS_DIR=${dir}/curfew`), refusal)
          }
        }
      }
    }),
  'every reader of a file asks the same': () =>
    withKeys(async (dir) => {
      const mac = join(dir, keyFileNames.mac)
      const signing = join(dir, keyFileNames.access)
      for (const path of [mac, signing]) await chmod(path, 0o440)
      for (const groupAccess of groupAccesses) {
        const refused = groupAccess === 'none'
        const opened = [
          () => loadMacRing(mac, { groupAccess }),
          () => loadRing('access', dir, groupAccess),
          () => openKeyFiles({ dir, entropy, groupAccess }).then((keys) => keys.reload()),
        ]
        for (const work of opened) assert.is((await refusalOf(work())) !== null, refused)
      }
    }),
  'a secret among verifying keys is a secret, a public key is not': () =>
    withKeys(async (dir) => {
      const path = join(dir, keyFileNames.access)
      const settings = { algorithm: null, verifyingKey: null, verifyingKeyFile: path }
      await chmod(path, 0o644)
      assert.match(String(await refusalOf(openVerifyingKeys(settings))), /chmod 600/)
      await chmod(path, 0o440)
      assert.is(await refusalOf(openVerifyingKeys(settings)), null)
      const { access } = await openKeyFiles({ dir, entropy, groupAccess: 'read' })
      const shown = join(dir, 'public.json')
      await writeFile(shown, JSON.stringify(publicJwks(access, instant)), { mode: 0o644 })
      assert.is(await refusalOf(openVerifyingKeys({ ...settings, verifyingKeyFile: shown })), null)
    }),
})

claims('a mounted Secret', {
  'is taken with `read`, refused without, and never when others can read it': () =>
    withKeys(async (made) => {
      const files = await filesIn(made)
      const dir = join(made, 'mounted')
      await mountSecret(dir, files)
      const refusal = await refusalOf(openKeyFiles({ dir, entropy }))
      assert.match(String(refusal), /CURFEW_KEYS_GROUP_ACCESS=read/)
      assert.is(await refusalOf(openKeyFiles({ dir, entropy, groupAccess: 'read' })), null)
      await rm(dir, { recursive: true })
      await mountSecret(dir, files, { mode: 0o644 })
      const open = await refusalOf(openKeyFiles({ dir, entropy, groupAccess: 'write' }))
      assert.match(String(open), /defaultMode: 0440/)
    }),
  'that is changed while a gateway runs is seen, all files at once': () =>
    withKeys(async (made) => {
      const dir = join(made, 'mounted')
      const secret = await mountSecret(dir, await filesIn(made))
      const keys = await openKeyFiles({ dir, entropy, groupAccess: 'read' })
      const before = keys.access.active.kid
      const ring = await loadRing('access', made)
      const rotated = rotateRing(ring, { at: instant, overlapMs: 1_000, alg: 'ES256', entropy })
      await saveRing(made, rotated, entropy)
      await keys.reload()
      assert.is(keys.access.active.kid, before)
      await secret.change(await filesIn(made))
      await keys.reload()
      assert.is(keys.access.active.kid, rotated.active.kid)
    }),
})
