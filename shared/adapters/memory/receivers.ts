import { type Receiver, type Receivers, receiversMax } from '../../ports/receivers.ts'

import { deepFreeze } from './deep-freeze.ts'

/** The executable model of the receivers. Nothing survives the process. */
export const openMemoryReceivers = (): Receivers => {
  const receivers = new Map<string, Receiver>()
  return {
    create: async (receiver) => {
      if (receivers.has(receiver.id)) return 'exists'
      if (receivers.size >= receiversMax) return 'full'
      receivers.set(receiver.id, deepFreeze(receiver))
      return 'created'
    },
    get: async (id) => receivers.get(id) ?? null,
    list: async () =>
      [...receivers.keys()].sort().flatMap((id) => {
        const found = receivers.get(id)
        return found ? [found] : []
      }),
    replace: async (receiver) => {
      const { id, revision } = receiver
      const found = receivers.get(id)
      if (!found) return 'absent'
      if (found.revision !== revision) return 'stale'
      receivers.set(id, deepFreeze({ ...receiver, revision: revision + 1 }))
      return 'replaced'
    },
    remove: async (id) => {
      receivers.delete(id)
    },
    close: async () => {},
  }
}
