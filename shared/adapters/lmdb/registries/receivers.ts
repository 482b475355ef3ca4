import type { Database, Key } from 'lmdb'
import { type Receivers, receiversMax } from '../../../ports/receivers.ts'

import { receiverOf, type StoredReceiver, storedReceiver } from '../../memory/receiver-format.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

type Stored = Database<StoredReceiver, Key>

export const receiverWrites = lmdbWrites('receivers', (env): Stored => env.database('receivers'), {
  create: (receivers, receiver: StoredReceiver): 'created' | 'exists' | 'full' => {
    if (receivers.get(receiver.id)) return 'exists'
    if (receivers.getKeysCount() >= receiversMax) return 'full'
    receivers.putSync(receiver.id, receiver)
    return 'created'
  },
  replace: (receivers, receiver: StoredReceiver): 'replaced' | 'absent' | 'stale' => {
    const { id, revision } = receiver
    const found = receivers.get(id)
    if (!found) return 'absent'
    if (found.revision !== revision) return 'stale'
    receivers.putSync(id, { ...receiver, revision: revision + 1 })
    return 'replaced'
  },
  remove: (receivers, id: string): void => void receivers.removeSync(id),
})

/**
 * The receivers of one machine, in the database `receivers`. Closing it does nothing; whoever
 * opened `env` closes that.
 */
export const lmdbReceivers = (env: LmdbEnvironment): Receivers => {
  const { dbs: receivers, write } = env.use(receiverWrites)
  return {
    create: (receiver) => write.create(storedReceiver(receiver)),
    get: (id) =>
      env.read(() => {
        const found = receivers.get(id)
        return found ? receiverOf(found) : null
      }),
    list: () =>
      env.read(() => Array.from(receivers.getRange({}), ({ value }) => receiverOf(value))),
    replace: (receiver) => write.replace(storedReceiver(receiver)),
    remove: (id) => write.remove(id),
    close: async () => {},
  }
}
