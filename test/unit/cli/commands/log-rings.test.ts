import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openKeyFolder } from '../../../../services/cli/commands/keys.ts'
import type { KeyFolderContext } from '../../../../services/gateway/keys/index.ts'
import { listKeys, remove, rotate } from '../../../../services/gateway/keys/index.ts'
import { watchKeys } from '../../../../services/gateway/lifecycle/watch-keys.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import {
  createRing,
  type KeyFiles,
  keyFileNames,
  loadRing,
  openKeyFiles,
  saveRing,
} from '../../../../shared/tokens/key-rings/index.ts'
import { type FakeClock, fakeClock } from '../../../support/fakes/fake-clock.ts'
import { keepingLogger, type Line } from '../../../support/processes/told-lines.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

const dayMs = 86_400_000
type Name = 'log' | 'events'
const kinds = { log: 'mac', events: 'events' } as const

type Scene = Readonly<{
  keys: KeyFiles
  clock: FakeClock
  desk: KeyFolderContext
  lines: readonly Line[]
  /** As if the ring's file had last changed at this moment of the fake clock. */
  changedNow: (name: Name) => Promise<void>
}>

/** A gateway that follows its files, and the desk of whoever rotates them. */
const inScene = (prove: (scene: Scene) => Promise<void>): Promise<void> =>
  inTempFolder('log-rings', async (root) => {
    const dir = join(root, 'keys')
    const clock = fakeClock()
    const keys = await openKeyFiles({ dir, entropy })
    const { logger, lines } = keepingLogger()
    const watch = watchKeys({ keys, clock, logger })
    const changedNow = (name: Name): Promise<void> => {
      const seconds = clock.now() / 1_000
      return utimes(join(dir, keyFileNames[kinds[name]]), seconds, seconds)
    }
    try {
      const desk = { ...openKeyFolder({ CURFEW_KEYS_DIR: dir }), clock }
      await prove({ keys, clock, desk, lines, changedNow })
    } finally {
      await watch.close()
    }
  })

const refusal = async (
  work: Promise<unknown>,
  code: 'INPUT_INVALID' | 'KEY_NOT_SHOWN_YET' = 'INPUT_INVALID',
): Promise<string> => {
  const error = await work.catch((thrown: unknown) => thrown)
  assert.ok(isAuthError(error, code))
  return (error as Error).message
}
const rotatedWhenDue = async ({ keys, clock, desk, changedNow }: Scene, name: Name) => {
  const before = keys[kinds[name]].active
  await changedNow(name)
  await clock.advance(300_000)
  await rotate(desk, name, false)
  await until('the gateway signs with the next key', async () => {
    await clock.advance(5_000)
    return keys[kinds[name]].active !== before
  })
  return before
}

const eachRing = (prove: (scene: Scene, name: Name) => Promise<void>) => async () => {
  for (const name of ['log', 'events'] as const) await inScene((scene) => prove(scene, name))
}

claims('curfew keys, the rings that sign the log', {
  'wait until every reader has seen the next key: --now is refused': eachRing(
    async (scene, name) => {
      const { clock, desk, keys, changedNow } = scene
      const next = keys.logRings[kinds[name]].keys[1]?.kid
      await changedNow(name)
      assert.match(await refusal(rotate(desk, name, true)), /--now is not for the ring/)
      await clock.advance(299_000)
      assert.match(
        await refusal(rotate(desk, name, false), 'KEY_NOT_SHOWN_YET'),
        /Try again in 1 s/,
      )
      const before = keys[kinds[name]].active
      await clock.advance(1_000)
      assert.match(await rotate(desk, name, false), /gateways and readers take it within 5 s/)
      await until('the gateway signs with it', async () => {
        await clock.advance(5_000)
        return keys[kinds[name]].active === next
      })
      assert.ok(keys[kinds[name]].keys.has(before), 'what the old one signed is good')
      // The ring is new before the line is written.
      await until('the gateway has told it', () => scene.lines.length > 0)
      const told = scene.lines.map(({ fields }) => [fields['event'], fields['ring'], fields['kid']])
      assert.equal(told, [['key_rotated', name, next]])
    },
  ),

  'keep a retired key as long as its records are read: of events for ever': () =>
    inScene(async (scene) => {
      const { clock, desk, keys } = scene
      const old = {
        log: await rotatedWhenDue(scene, 'log'),
        events: await rotatedWhenDue(scene, 'events'),
      }
      const untilOf = async (name: Name) =>
        (await listKeys(desk, name)).find(({ kid }) => kid === old[name])?.notAfter
      // A day of retention, and a month for segments.
      assert.ok(((await untilOf('log')) ?? 0) >= clock.now() + 30 * dayMs)
      assert.is(await untilOf('events'), null)
      await clock.leap(32 * dayMs)
      await rotatedWhenDue(scene, 'log')
      await rotatedWhenDue(scene, 'events')
      assert.not.ok(keys.mac.keys.has(old.log))
      assert.ok(keys.events.keys.has(old.events))
    }),

  'let nobody take out a key by which revocations in force are known': () =>
    inScene(async (scene) => {
      const { clock, desk, keys } = scene
      const old = await rotatedWhenDue(scene, 'log')
      for (const kid of [old, keys.mac.active]) {
        assert.match(await refusal(remove(desk, 'log', kid, true)), /may be in force/)
      }
      await clock.leap(32 * dayMs)
      assert.match(await remove(desk, 'log', old), `${old} is gone`)
    }),

  'take out a key of events on purpose only': () =>
    inScene(async (scene) => {
      const { desk, clock, keys } = scene
      const old = await rotatedWhenDue(scene, 'events')
      assert.match(await refusal(remove(desk, 'events', old)), /--yes removes it now/)
      assert.match(await remove(desk, 'events', old, true), /parks what it signed/)
      await until('the gateway let go of it', async () => {
        await clock.advance(5_000)
        return !keys.events.keys.has(old)
      })
    }),

  'are taken although another file is damaged': () =>
    inScene(async (scene) => {
      const { desk, keys } = scene
      await writeFile(join(desk.dir, keyFileNames.access), 'half a file', { mode: 0o600 })
      const before = await rotatedWhenDue(scene, 'log')
      assert.is.not(keys.mac.active, before)
    }),

  'the key that signs events does not go while readers lack the one that would sign then': () =>
    inScene(async (scene) => {
      const { keys, clock, desk, changedNow } = scene
      await rotatedWhenDue(scene, 'events')
      const { active } = keys.events
      await changedNow('events')
      const told = await refusal(remove(desk, 'events', active, true), 'KEY_NOT_SHOWN_YET')
      assert.match(told, /Try again in \d+ s$/)
      await clock.advance(300_000)
      assert.match(await remove(desk, 'events', active, true), /is gone/)
    }),

  'a ring that would be too large to be read again is not written': () =>
    inTempFolder('large-ring', async (dir) => {
      await openKeyFiles({ dir, entropy })
      const many = Array.from({ length: 4_300 }, () =>
        createRing('events', { alg: 'HS256', entropy }),
      ).flatMap(({ active }) => ({ ...active, status: 'retired' as const, notAfter: null }))
      const ring = await loadRing('events', dir, 'none')
      const large = { ...ring, keys: [...ring.keys, ...many] } as typeof ring
      const refused = await saveRing(dir, large, entropy).catch((error: Error) => error.message)
      assert.match(String(refused), /events-mac\.json would be larger than 1 MiB/)
      assert.equal((await loadRing('events', dir, 'none')).keys.length, ring.keys.length)
      const fits = { ...ring, keys: [...ring.keys, ...many.slice(0, 2_000)] } as typeof ring
      await saveRing(dir, fits, entropy)
      assert.is((await openKeyFiles({ dir, entropy })).events.keys.size, 2_000 + ring.keys.length)
    }),
})
