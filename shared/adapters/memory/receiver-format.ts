import { AuthError } from '../../kernel/errors.ts'
import type { Receiver } from '../../ports/receivers.ts'

/**
 * 1 had no `format` and no `subjects`: its streams were about everybody. Some of 2 do not say when
 * a receiver took something last: it is not known. Older versions read 2 with that member, too.
 * Versions before the release wrote the same as 3.
 */
const format = 2
const newestRead = 3

/** A receiver as it is stored. Older forms are read for ever. */
export type StoredReceiver = Omit<Receiver, 'subjects' | 'deliveredAt'> &
  Readonly<{
    format?: number
    subjects?: Receiver['subjects']
    deliveredAt?: Receiver['deliveredAt']
  }>

export const storedReceiver = (receiver: Receiver): StoredReceiver => ({ ...receiver, format })

/** @throws AuthError DATA_INVALID for a format of a later version of Curfew. */
export const receiverOf = (stored: StoredReceiver): Receiver => {
  const { format: found = 1, subjects, deliveredAt = null, ...rest } = stored
  if (!(found >= 1 && found <= newestRead)) {
    const text = `receiver ${stored.id} has the unknown format ${found}`
    throw new AuthError('DATA_INVALID', text)
  }
  return { ...rest, deliveredAt, subjects: subjects ?? { all: true, rules: [] } }
}
