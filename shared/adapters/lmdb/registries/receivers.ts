import type { Database, Key } from 'lmdb'
import { receiversMax } from '../../../kernel/receivers-max.ts'
import type { Receivers } from '../../../ports/receivers.ts'
import { receiverOf, type StoredReceiver, storedReceiver } from '../../memory/receiver-format.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'

/**
 * The receivers of one machine, in the database `receivers`. Closing it does nothing; whoever
 * opened `env` closes that.
 */
export const lmdbReceivers = (env: LmdbEnvironment): Receivers => {
  const receivers: Database<StoredReceiver, Key> = env.database('receivers')
  return {
    create: (receiver) =>
      env.write(() => {
        if (receivers.get(receiver.id)) return 'exists'
        if (receivers.getKeysCount() >= receiversMax) return 'full'
        receivers.putSync(receiver.id, storedReceiver(receiver))
        return 'created'
      }),
    get: (id) =>
      env.read(() => {
        const found = receivers.get(id)
        return found ? receiverOf(found) : null
      }),
    list: () =>
      env.read(() => Array.from(receivers.getRange({}), ({ value }) => receiverOf(value))),
    replace: (receiver) =>
      env.write(() => {
        const { id, revision } = receiver
        const found = receivers.get(id)
        if (!found) return 'absent'
        if (found.revision !== revision) return 'stale'
        receivers.putSync(id, storedReceiver({ ...receiver, revision: revision + 1 }))
        return 'replaced'
      }),
    remove: (id) =>
      env.write(() => {
        receivers.removeSync(id)
      }),
    close: async () => {},
  }
}
