import { AuthError } from '../../kernel/errors.ts'
import type { SetKeyRing } from './key-ring.ts'
import { ReloadableRing } from './reloadable-ring.ts'

/** The ring that signs for receivers. */
export type SecurityEventKeys = Readonly<{
  /** `null` as long as there is no file. */
  current(): SetKeyRing | null
  /**
   * Makes the file when there is none: two RSA keys, which take up to a second. @throws AuthError
   * KEYS_INVALID
   */
  ensure(): Promise<SetKeyRing>
  /** Takes what lies in the file by now. @throws AuthError KEYS_INVALID */
  reload(): Promise<void>
}>

type SetFile = Readonly<{
  read: () => Promise<SetKeyRing | null>
  make: () => Promise<SetKeyRing>
}>

/** Made late: most deployments have no receivers, and every start would pay for RSA keys. */
export const openSecurityEventKeys = async ({
  read,
  make,
}: SetFile): Promise<SecurityEventKeys> => {
  const first = await read()
  let live = first && new ReloadableRing(first)
  return {
    current: () => live,
    ensure: async () => {
      live ??= new ReloadableRing(await make())
      return live
    },
    reload: async () => {
      const ring = await read()
      if (live === null) live = ring && new ReloadableRing(ring)
      else if (ring === null || !live.replace(ring)) {
        throw new AuthError('KEYS_INVALID', 'set.json is gone or another ring. Put it back.')
      }
    },
  }
}
