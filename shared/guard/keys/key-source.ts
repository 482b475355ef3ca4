import type { KeyLookup } from '../../tokens/keys/index.ts'

/** Where a guard's public keys come from. */
export interface KeySource extends KeyLookup {
  /** Whether there ever was a usable key set. */
  ready(): boolean
  /**
   * Looks for newer keys, if that is due; never rejects. Callers may call it for every unknown key
   * id.
   */
  refresh(): Promise<void>
}

/** Keys that a service was given, before those that its gateway shows. */
export const keysBeside = (given: KeyLookup, remote: KeySource): KeySource => ({
  get: (kid) => given.get(kid) ?? remote.get(kid),
  ready: () => remote.ready(),
  refresh: () => remote.refresh(),
})

/** Keys that are in this process already, as in the embedded mode. Cost: none. */
export const fixedKeys = (keys: KeyLookup): KeySource => ({
  get: (kid) => keys.get(kid),
  ready: () => true,
  refresh: async () => {},
})
