import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import type { TransmitterDeps } from '../transmitter.ts'

/**
 * The ring that signs for receivers, the same at every gateway of a fleet: one whose file is
 * another one's would sign what its neighbours' key sets do not show.
 * @throws AuthError KEYS_INVALID with the fix, STORE_UNAVAILABLE.
 */
export const agreedSetRing = async ({
  sets,
  store,
}: Pick<TransmitterDeps, 'sets' | 'store'>): Promise<SetKeyRing> => {
  const ring = await sets.ensure()
  if ((await store.agree('set-ring', ring.ringId)) === ring.ringId) return ring
  throw new AuthError(
    'KEYS_INVALID',
    'set.json is another gateway’s: copy it from the key directory where it was made first',
  )
}
