import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import {
  keyFileNames,
  loadRing,
  openKeyFiles,
  removeKey,
  replaceNext,
  rotateRing,
  saveRing,
  withKeyFolderLock,
} from '../../../shared/tokens/key-rings/index.ts'
import type { Algorithm } from '../../../shared/tokens/keys/index.ts'
import {
  afterRemoval,
  isForTokens,
  type KeyFolderContext,
  overlapMs,
  type Ring,
  type RingName,
  refuseAtOnce,
  refuseInUse,
  rings,
  wantedFor,
} from './rotated-rings.ts'

/** How long gateways and guards may keep a key set (`max-age` of the JWKS). */
const shownMs = 5 * 60_000

const load = ({ dir, config }: KeyFolderContext, name: RingName): Promise<Ring> =>
  loadRing(rings[name], dir, config.groupAccess)

const takers: Readonly<Record<RingName, string>> = {
  ...{ signing: 'gateways', refresh: 'gateways', set: 'gateways' },
  ...{ log: 'gateways and readers', events: 'gateways and readers', personal: 'gateways' },
}

const nextLine = (alg: Algorithm): string =>
  `the next key is ${alg} now, and shown; run this again after 5 minutes to let it sign`

/**
 * Reads the ring, and writes what `change` makes of it before anybody else reads it to change it:
 * of a rotation and a removal at once, neither is lost.
 */
const change = (
  context: KeyFolderContext,
  name: RingName,
  become: (ring: Ring) => Promise<Readonly<{ ring: Ring; line: string }>>,
): Promise<string> =>
  withKeyFolderLock(context.dir, context, async () => {
    const { ring, line } = await become(await load(context, name))
    await saveRing(context.dir, ring, context.entropy, context.config.groupAccess)
    return line
  })

/**
 * Lets the next key sign. One of another algorithm than is wanted is replaced first, and must have
 * been shown for 5 minutes before it may sign: a gateway or guard that never saw it would refuse
 * its tokens. `now` skips that wait.
 */
export const rotate = (context: KeyFolderContext, name: RingName, now: boolean): Promise<string> =>
  change(context, name, async (ring) => {
    const { entropy, clock } = context
    if (now) refuseAtOnce(name)
    const alg = wantedFor(context, name, ring)
    const next = ring.keys.find(({ status }) => status === 'next')
    if (next?.alg !== alg && !now) {
      return { ring: replaceNext(ring, { alg, entropy }), line: nextLine(alg) }
    }
    if (!now) await refuseUnseen(context, name)
    const shown = next?.alg === alg ? ring : replaceNext(ring, { alg, entropy })
    const made = { alg, entropy, at: clock.now(), overlapMs: overlapMs(context, name) }
    const rotated = rotateRing(shown, made)
    const { kid } = rotated.active
    const does = name === 'personal' ? 'wraps' : `(${rotated.active.alg}) signs`
    const line = `${kid} ${does} now; ${takers[name]} take it within 5 s`
    return { ring: rotated, line }
  })

const orNow = '; curfew keys rotate --now does not wait, and loses what is refused until then'

const refuseUnseen = async ({ dir, clock }: KeyFolderContext, name: RingName): Promise<void> => {
  const { mtimeMs } = await stat(join(dir, keyFileNames[rings[name]]))
  const waitMs = mtimeMs + shownMs - clock.now()
  if (waitMs <= 0) return
  const seconds = Math.ceil(waitMs / 1000)
  throw new AuthError(
    'KEY_NOT_SHOWN_YET',
    `Nothing was changed: not everybody knows the next key yet, since its file changed less than ` +
      `5 minutes ago. Try again in ${seconds} s${isForTokens(name) ? orNow : ''}`,
  )
}

/**
 * Takes a stolen key out: what it signed is refused from now on. `isMeant` for the one that signs.
 */
export const remove = (
  context: KeyFolderContext,
  name: RingName,
  kid: string,
  isMeant = false,
): Promise<string> =>
  change(context, name, async (ring) => {
    const { entropy, clock } = context
    const key = ring.keys.find((one) => one.kid === kid)
    if (!key)
      throw new AuthError('INPUT_INVALID', `the ${name} ring has no key ${JSON.stringify(kid)}`)
    refuseInUse(name, key, clock.now(), isMeant)
    // The next key signs then, and readers park for good what they cannot check yet.
    if (name === 'events' && key.status === 'active') await refuseUnseen(context, name)
    const made = { alg: wantedFor(context, name, ring), entropy, at: clock.now() }
    const left = removeKey(ring, kid, made)
    const signs = `${kid} is gone; ${left.active.kid} signs.`
    return { ring: left, line: `${signs} ${afterRemoval[name]}` }
  })

/**
 * Rings that have a file: the one for receivers is made when the first of them registers, and that
 * of events by a version that signs these.
 */
export const madeRings = async ({ dir }: KeyFolderContext): Promise<readonly RingName[]> => {
  const names = Object.keys(rings) as RingName[]
  const files: readonly string[] = await readdir(dir).catch(() => [])
  const isAlways = (name: RingName): boolean => name === 'signing' || name === 'refresh'
  return names.filter((name) => isAlways(name) || files.includes(keyFileNames[rings[name]]))
}

/**
 * Makes the files that are missing, of receivers too: where gateways get them read-only, as from a
 * Secret, nobody else can.
 */
export const make = async ({ dir, config, entropy }: KeyFolderContext): Promise<string> => {
  const { algorithm: alg, groupAccess } = config
  const { sets } = await openKeyFiles({ dir, entropy, alg, groupAccess })
  await sets.ensure()
  return `${Object.values(keyFileNames).join(', ')} are in ${dir}`
}

export type ListedKey = Readonly<{ ring: RingName }> &
  Pick<Ring['keys'][number], 'status' | 'alg' | 'kid' | 'notAfter'>

/** What each key of a ring does, and when it goes; no secrets. */
export const listKeys = async (
  context: KeyFolderContext,
  ring: RingName,
): Promise<readonly ListedKey[]> => {
  const { keys } = await load(context, ring)
  return keys.map(({ status, alg, kid, notAfter }) => ({ ring, status, alg, kid, notAfter }))
}
