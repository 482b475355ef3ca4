import { AuthError } from '../../kernel/errors.ts'
import type { Receiver } from '../../ports/receivers.ts'

/** 1 had no `format` and no `subjects`: its streams were about everybody. */
const format = 2

/** A receiver as it is stored. Older forms are read for ever. */
export type StoredReceiver = Omit<Receiver, 'subjects'> &
  Readonly<{ format?: number; subjects?: Receiver['subjects'] }>

export const storedReceiver = (receiver: Receiver): StoredReceiver => ({ ...receiver, format })

/** @throws AuthError DATA_INVALID for a format of a later version of Curfew. */
export const receiverOf = (stored: StoredReceiver): Receiver => {
  const { format: found, subjects, ...rest } = stored
  if (found !== undefined && found !== format) {
    const text = `receiver ${stored.id} has the unknown format ${found}`
    throw new AuthError('DATA_INVALID', text)
  }
  return { ...rest, subjects: subjects ?? { all: true, rules: [] } }
}
