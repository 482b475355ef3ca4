/**
 * Sets `key` in a map that holds `max` at most, as its newest: whatever was set longest ago goes.
 * Cost: that of two calls of the map, until it is full.
 */
export const setInBoundedMap = <Key, Value>(
  known: Map<Key, Value>,
  key: Key,
  value: Value,
  max: number,
): void => {
  known.delete(key)
  known.set(key, value)
  if (known.size <= max) return
  for (const oldest of known.keys()) {
    known.delete(oldest)
    return
  }
}
