import type { KeyOwner } from '../../events/personal-fields.ts'
import type { Erasure, PersonalKeys } from '../../ports/personal-keys.ts'

/** The executable model of the keys of persons. Nothing survives the process. */
export const openMemoryPersonalKeys = (): PersonalKeys => {
  const keys = new Map<KeyOwner, string>()
  const erasures = new Map<KeyOwner, Erasure>()
  return {
    obtain: async (owner, made) => {
      if (erasures.has(owner)) return null
      const key = keys.get(owner) ?? made
      keys.set(owner, key)
      return key
    },
    find: async (owners) => owners.map((owner) => keys.get(owner) ?? null),
    erase: async (erasure) => {
      if (erasures.has(erasure.owner)) return 'before'
      keys.delete(erasure.owner)
      erasures.set(erasure.owner, erasure)
      return 'erased'
    },
    erasure: async (owner) => erasures.get(owner) ?? null,
    openErasures: async (limit) =>
      [...erasures.values()].filter(({ open }) => open).slice(0, limit),
    settle: async (owner) => {
      const erasure = erasures.get(owner)
      if (erasure) erasures.set(owner, { ...erasure, open: false })
    },
    dropDays: async (day) => {
      const old = [...keys.keys()].filter((one) => one.startsWith('day:') && one < `day:${day}`)
      for (const owner of old) keys.delete(owner)
      return old.length
    },
    close: async () => {},
  }
}
