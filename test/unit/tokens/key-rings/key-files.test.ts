import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEntropy } from '../../../../shared/kernel/entropy.ts'
import { type AuthErrorCode, isAuthError } from '../../../../shared/kernel/errors.ts'
import {
  keyFileNames,
  loadEventsRing,
  loadMacRing,
  loadRing,
  openKeyFiles,
  saveRing,
} from '../../../../shared/tokens/key-rings/index.ts'
import { rotateRing } from '../../../../shared/tokens/key-rings/key-ring.ts'
import { instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'
import { race } from '../../../support/until.ts'

const entropy = systemEntropy
const inFolder = (work: (dir: string) => Promise<void>): Promise<void> =>
  inTempFolder('keys', (root) => work(join(root, 'keys')))
const rejection = async (code: AuthErrorCode, work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    if (isAuthError(error, code)) return error.message
    throw error
  }
  throw new Error(`it did not reject with ${code}`)
}
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

claims('key files', {
  'a first start makes private files, a second one reads them': () =>
    inFolder(async (dir) => {
      const made = await openKeyFiles({ dir, entropy })
      const read = await openKeyFiles({ dir, entropy })
      assert.is(read.ringId, made.ringId)
      assert.is(read.access.active.kid, made.access.active.kid)
      assert.is(read.mac.active, made.mac.active)
      assert.equal(read.addressKey.export(), made.addressKey.export())
      assert.is(await modeOf(dir), 0o700)
      // The keys of security events are made when there is somebody to receive one.
      const { set: _late, ...atOnce } = keyFileNames
      const files = Object.values(atOnce).sort()
      assert.equal((await readdir(dir)).sort(), files)
      for (const name of files) {
        assert.is(await modeOf(join(dir, name)), 0o600)
      }
    }),
  'processes that start at once agree': () =>
    inFolder(async (dir) => {
      const opened = await race(8, () => openKeyFiles({ dir, entropy }))
      assert.is(new Set(opened.map(({ ringId }) => ringId)).size, 1)
      assert.is(new Set(opened.map(({ refresh }) => refresh.active.kid)).size, 1)
      assert.is((await readdir(dir)).length, 6)
    }),
  // asvs: 13.3.2
  'a file that others can read stops the start, with the fix': () =>
    inFolder(async (dir) => {
      await openKeyFiles({ dir, entropy })
      for (const mode of [0o640, 0o604, 0o660]) {
        const path = join(dir, keyFileNames.refresh)
        await chmod(path, mode)
        const message = await rejection('KEYS_INVALID', openKeyFiles({ dir, entropy }))
        assert.ok(message.includes(`chmod 600 ${path}`))
      }
    }),
  'a folder that others can write to stops the start': () =>
    inFolder(async (dir) => {
      await openKeyFiles({ dir, entropy })
      await chmod(dir, 0o770)
      const message = await rejection('KEYS_INVALID', openKeyFiles({ dir, entropy }))
      assert.ok(message.includes(`chmod 700 ${dir}`))
    }),
  'a damaged file stops the start, is named, and stays as it is': () =>
    inFolder(async (dir) => {
      await openKeyFiles({ dir, entropy })
      const path = join(dir, keyFileNames.access)
      const half = (await readFile(path, 'utf8')).slice(0, 200)
      for (const text of [half, '', 'x'.repeat(70_000)]) {
        await writeFile(path, text)
        const message = await rejection('KEYS_INVALID', openKeyFiles({ dir, entropy }))
        assert.ok(message.startsWith(path))
        assert.is(await readFile(path, 'utf8'), text)
      }
    }),
  'a reader of the log takes the MAC ring and nothing else': () =>
    inFolder(async (dir) => {
      const { mac } = await openKeyFiles({ dir, entropy })
      const ring = await loadMacRing(join(dir, keyFileNames.mac))
      assert.is(ring.active, mac.active)
      assert.equal([...ring.keys.keys()], [...mac.keys.keys()])
      await rejection('KEYS_INVALID', loadMacRing(join(dir, keyFileNames.access)))
      await rejection('KEYS_INVALID', loadMacRing(join(dir, 'absent.json')))
    }),
  'a reader of events takes their ring, of the fleet that the other ring names': () =>
    inFolder(async (dir) => {
      const { events, mac, ringId } = await openKeyFiles({ dir, entropy })
      const ring = await loadEventsRing(join(dir, keyFileNames.events), mac.fleet)
      assert.equal([ring.active, ring.fleet], [events.active, mac.fleet])
      assert.not.ok([...mac.keys.keys()].some((kid) => events.keys.has(kid)))
      await rejection('KEYS_INVALID', loadEventsRing(join(dir, keyFileNames.mac), mac.fleet))
      // A folder of a version before events were signed: one file more, and the same fleet.
      await rm(join(dir, keyFileNames.events))
      const again = await openKeyFiles({ dir, entropy })
      assert.is(again.ringId, ringId)
      assert.is.not(again.events.active, events.active)
    }),
  'a rotation replaces one file and leaves the fleet its name': () =>
    inFolder(async (dir) => {
      const before = await openKeyFiles({ dir, entropy })
      const ring = await loadRing('access', dir)
      const options = { at: instant, overlapMs: 1_000, alg: 'RS256', entropy } as const
      await saveRing(dir, rotateRing(ring, options), entropy)
      const after = await openKeyFiles({ dir, entropy })
      assert.is(after.ringId, before.ringId)
      assert.is.not(after.access.active.kid, before.access.active.kid)
      assert.is(await modeOf(join(dir, keyFileNames.access)), 0o600)
      assert.is((await readdir(dir)).length, 6)
    }),
})
