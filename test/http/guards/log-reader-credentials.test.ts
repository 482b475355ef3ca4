import { join } from 'node:path'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type KeyFiles,
  keyFileNames,
  loadMacRing,
  loadRing,
  logReaderCredentials,
  openKeyFiles,
  removeKey,
  rotateRing,
  saveRing,
} from '../../../shared/tokens/key-rings/index.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { basic, openPair, postForm } from '../../support/worlds/service-desk.ts'

const at = 1_800_000_000_000 as EpochMs
const made = { alg: 'HS256', entropy, at } as const

const change = async (dir: string, keys: KeyFiles, become: 'rotated' | 'removed') => {
  const ring = await loadRing('mac', dir)
  const [, , retired] = ring.keys
  const changed =
    become === 'rotated'
      ? rotateRing(ring, { ...made, overlapMs: null })
      : removeKey(ring, retired?.kid ?? '', made)
  await saveRing(dir, changed, entropy)
  await keys.reload()
}

claims('who holds the ring of the log may introspect', {
  'with what follows from each of its keys, as the running gateway has them now': () =>
    inTempFolder('readers', async (root) => {
      const dir = join(root, 'keys')
      const keys = await openKeyFiles({ dir, entropy })
      await inWorld({ keys }, async (world) => {
        const { access: token } = await openPair(world)
        const path = join(dir, keyFileNames.mac)
        const held = async () => logReaderCredentials(await loadMacRing(path))
        const asks = async ({ id, secret }: { id: string; secret: string }): Promise<number> =>
          (await postForm(world, '/introspect', { token }, basic(`${id}:${secret}`))).status
        const statuses = async (of: Awaited<ReturnType<typeof held>>) => {
          const found: number[] = []
          for (const one of of) found.push(await asks(one))
          return found
        }
        const before = await held()
        assert.equal(await statuses(before), [200, 200])
        await change(dir, keys, 'rotated')
        const after = await held()
        assert.equal(await statuses(before), [200, 200], 'a service that has not read it anew')
        assert.equal(await statuses(after), [200, 200, 200])
        await change(dir, keys, 'removed')
        assert.equal(await statuses(before), [401, 200])
      })
    }),
})
