import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'

/**
 * The ring that signs SETs, checked to be that of the whole fleet: a gateway with another file
 * would sign with keys that the other gateways' key sets do not have.
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
