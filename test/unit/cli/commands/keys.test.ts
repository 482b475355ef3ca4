import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyIdsAsOperands, openKeyFolder } from '../../../../services/cli/commands/keys.ts'
import { listKeys, madeRings, remove, rotate } from '../../../../services/gateway/keys/index.ts'
import { type KeyChange, watchKeys } from '../../../../services/gateway/lifecycle/watch-keys.ts'

import { systemClock } from '../../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import {
  type KeyFiles,
  keyFileNames,
  openKeyFiles,
} from '../../../../shared/tokens/key-rings/index.ts'
import { publishedJwks } from '../../../../shared/tokens/key-rings/public-jwks.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { type FakeClock, fakeClock } from '../../../support/fakes/fake-clock.ts'
import { accessClaims, instant, judgedAccess } from '../../../support/fakes/sample-tokens.ts'
import { keepingLogger, type Line } from '../../../support/processes/told-lines.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

type Scene = Readonly<{
  dir: string
  keys: KeyFiles
  clock: FakeClock
  signing: string
  /** What the gateway wrote. */
  lines: readonly Line[]
  /** The changes that became events. */
  heard: readonly KeyChange[]
}>

/** A gateway's keys that follow their files, and a clock that both sides read. */
const inScene = (prove: (scene: Scene) => Promise<void>): Promise<void> =>
  inTempFolder('keys', async (root) => {
    const dir = join(root, 'keys')
    const clock = fakeClock()
    const keys = await openKeyFiles({ dir, entropy })
    const { logger, lines } = keepingLogger()
    const watch = watchKeys({ keys, clock, logger })
    const heard: KeyChange[] = []
    watch.onChange((change) => void heard.push(change))
    try {
      await prove({ dir, keys, clock, lines, heard, signing: join(dir, keyFileNames.access) })
    } finally {
      await watch.close()
    }
  })
const deskOf = ({ dir, clock }: Scene, env: Readonly<Record<string, string>> = {}) => ({
  ...openKeyFolder({ CURFEW_KEYS_DIR: dir, CURFEW_ACCESS_TOKEN_LIFETIME: '12h', ...env }),
  clock,
})
/** As if the file had last changed at this moment of the fake clock. */
const changedNow = ({ signing, clock }: Scene): Promise<void> => {
  const seconds = clock.now() / 1000
  return utimes(signing, seconds, seconds)
}
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(isAuthError(error))
  return (error as Error).message
}
/** Moves time until the gateway has read its files anew. */
const reloaded = (scene: Scene, isThere: () => boolean): Promise<void> =>
  until('the gateway has read its keys anew', async () => {
    await scene.clock.advance(5_000)
    return isThere()
  })

claims('curfew keys', {
  'rotate waits until the next key was shown for 5 minutes; a running gateway takes it': () =>
    inScene(async (scene) => {
      const { keys, clock } = scene
      const [active, next] = keys.access.keys
      const old = signAccess(keys.access, accessClaims({ exp: instant / 1000 + 86_400 }))
      await changedNow(scene)
      await clock.advance(299_000)
      assert.match(await refusal(rotate(deskOf(scene), 'signing', false)), /Try again in 1 s/)
      await clock.advance(1_000)
      assert.match(await rotate(deskOf(scene), 'signing', false), next?.kid ?? 'none')
      await reloaded(scene, () => keys.access.active.kid === next?.kid)
      assert.is(judgedAccess(old, { keys: keys.access, now: clock.now() }), 'ok')
      assert.ok(keys.access.get(active?.kid ?? '')?.notAfter)
    }),

  // asvs: 11.2.2
  'rotate changes the algorithm in two steps, and the gateway never signs with an unseen key': () =>
    inScene(async (scene) => {
      const { keys, clock } = scene
      const before = keys.access.active.kid
      const desk = deskOf(scene, { CURFEW_ALGORITHM: 'PS256' })
      assert.match(await rotate(desk, 'signing', false), /the next key is PS256 now/)
      await reloaded(scene, () => keys.access.keys.some(({ alg }) => alg === 'PS256'))
      assert.is(keys.access.active.kid, before)
      await changedNow(scene)
      assert.match(await refusal(rotate(desk, 'signing', false)), /not everybody knows/)
      await clock.advance(300_000)
      await rotate(desk, 'signing', false)
      await reloaded(scene, () => keys.access.active.alg === 'PS256')
      assert.is(keys.access.get(before)?.alg, 'ES256')
    }),

  // asvs: 11.2.2
  'rotate --now is for a stolen key, and remove makes its tokens unknown at once': () =>
    inScene(async (scene) => {
      const { keys, clock } = scene
      const stolen = keys.access.active.kid
      const token = signAccess(keys.access, accessClaims({ exp: instant / 1000 + 86_400 }))
      const desk = deskOf(scene)
      await rotate(desk, 'signing', true)
      assert.match(await remove(desk, 'signing', stolen), `${stolen} is gone`)
      await reloaded(scene, () => keys.access.get(stolen) === undefined)
      assert.is(judgedAccess(token, { keys: keys.access, now: clock.now() }), 'unknown_key')
      assert.match(await refusal(remove(desk, 'signing', stolen)), 'has no key')
    }),

  'a running gateway tells each key that signs now, and each that is gone, once': () =>
    inScene(async (scene) => {
      const { keys, lines, clock, heard } = scene
      const before = keys.access.active.kid
      const desk = deskOf(scene)
      await rotate(desk, 'signing', true)
      await rotate(desk, 'refresh', true)
      await reloaded(scene, () => keys.access.active.kid !== before)
      await remove(desk, 'signing', before)
      await reloaded(scene, () => keys.access.get(before) === undefined)
      // The ring is new before the line is written.
      await until('the gateway has told it', () => lines.length >= 3)
      await clock.advance(15_000)
      const told = lines.map(({ fields: { event, ring, kid } }) => [event, ring, kid])
      assert.equal(
        heard.map(({ event: { type, data } }) => [type, 'ring' in data && data.ring]),
        [
          ['KeyRotated', 'signing'],
          ['KeyRotated', 'refresh'],
          ['KeyRemoved', 'signing'],
        ],
      )
      assert.equal(told, [
        ['key_rotated', 'signing', keys.access.active.kid],
        ['key_rotated', 'refresh', keys.refresh.active.kid],
        ['key_removed', 'signing', before],
      ])
    }),

  'the refresh ring rotates too, always HS256': () =>
    inScene(async (scene) => {
      const desk = deskOf(scene, { CURFEW_ALGORITHM: 'RS256' })
      await rotate(desk, 'refresh', true)
      const rows = await listKeys(desk, 'refresh')
      assert.is(rows.length, 3)
      assert.ok(rows.every(({ alg }) => alg === 'HS256'))
      assert.is(rows.filter(({ status }) => status === 'retired').length, 1)
    }),

  'the ring that signs for receivers rotates too, always RS256, once there is one': () =>
    inScene(async (scene) => {
      const { keys, clock, dir } = scene
      const desk = deskOf(scene, { CURFEW_ALGORITHM: 'PS256' })
      assert.equal(await madeRings(desk), ['signing', 'refresh', 'log', 'events', 'personal'])
      assert.match(await refusal(rotate(desk, 'set', true)), /Register a receiver once/)
      const ring = await keys.sets.ensure()
      const made = ['signing', 'refresh', 'set', 'log', 'events', 'personal']
      assert.equal(await madeRings(desk), made)
      const [old, next] = ring.keys
      const seconds = clock.now() / 1000
      await utimes(join(dir, keyFileNames.set), seconds, seconds)
      assert.match(await refusal(rotate(desk, 'set', false)), /Try again in 300 s/)
      await clock.advance(300_000)
      assert.match(await rotate(desk, 'set', false), next?.kid ?? 'none')
      // Who signs for receivers holds the ring, and takes it up as it is.
      await reloaded(scene, () => ring.active.kid === next?.kid)
      const shown = (at: number) =>
        publishedJwks(keys.access, keys.sets, at as EpochMs).keys.some(
          ({ kid }) => kid === old?.kid,
        )
      assert.ok(shown(clock.now() + 86_400_000))
      assert.is(shown(clock.now() + 2 * 86_400_000), false)
      assert.match(await remove(desk, 'set', old?.kid ?? ''), /fetch the key set anew/)
      await reloaded(scene, () => !shown(clock.now()))
      const rows = await listKeys(desk, 'set')
      assert.is(rows.length, 2)
      assert.ok(rows.every(({ ring, alg }) => ring === 'set' && alg === 'RS256'))
    }),

  'rotations of the ring for receivers at once do not lose each other': () =>
    inScene(async (scene) => {
      const { keys } = scene
      const ring = await keys.sets.ensure()
      const before = ring.active.kid
      const desk = { ...deskOf(scene), clock: systemClock }
      await Promise.all([rotate(desk, 'set', true), rotate(desk, 'set', true)])
      const rows = await listKeys(desk, 'set')
      assert.is(rows.filter(({ status }) => status === 'retired').length, 2)
      assert.is(rows.filter(({ kid }) => kid === before).length, 1)
    }),

  'a file that cannot be used, or another ring, changes nothing in a running gateway': () =>
    inScene(async (scene) => {
      const { keys, signing, dir } = scene
      const before = keys.access.active.kid
      await writeFile(signing, 'half a file', { mode: 0o600 })
      assert.match(await refusal(keys.reload()), 'is damaged')
      const other = await openKeyFiles({ dir: join(dir, 'other'), entropy })
      assert.is.not(other.ringId, keys.ringId)
      await rm(signing)
      assert.match(await refusal(keys.reload()), 'does not exist')
      const foreign = await openKeyFiles({ dir, entropy })
      assert.match(await refusal(keys.reload()), 'is another ring')
      assert.is.not(foreign.access.active.kid, before)
      assert.is(keys.access.active.kid, before)
    }),

  'an id that begins with a dash is an id and no option, with options before or behind it': () => {
    const kid = `-${'h'.repeat(42)}`
    const remove = ['node', 'curfew', 'keys', 'remove']
    assert.equal(keyIdsAsOperands([...remove, kid, '--yes']), [...remove, '--yes', '--', kid])
    assert.equal(keyIdsAsOperands([...remove, '--', kid]), [...remove, '--', kid])
    assert.equal(keyIdsAsOperands([...remove, '-h']), [...remove, '-h'])
  },
})
