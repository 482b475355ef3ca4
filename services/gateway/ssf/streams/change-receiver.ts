import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { Receiver, Receivers } from '../../../../shared/ports/receivers.ts'

const triesMax = 16

/**
 * Reads a receiver, changes it and writes it back, and starts over if another writer was faster.
 * `change` answers `null` to leave the receiver as it is. Answers what is stored afterwards; `null`
 * if there is no such receiver. @throws AuthError STORE_CONTENDED
 */
export const changeReceiver = async (
  receivers: Receivers,
  id: string,
  change: (stored: Receiver) => Receiver | null,
): Promise<Receiver | null> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const stored = await receivers.get(id)
    if (!stored) return null
    const changed = change(stored)
    if (changed === null) return stored
    const outcome = await receivers.replace(changed)
    if (outcome === 'replaced') return { ...changed, revision: stored.revision + 1 }
    if (outcome === 'absent') return null
  }
  throw new AuthError('STORE_CONTENDED', `others kept changing the receiver ${id}`)
}
