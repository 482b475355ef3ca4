const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const member of Object.values(value)) freeze(member)
}

/**
 * A copy that nobody can change: what went in cannot be altered through the caller's reference, nor
 * what is kept through a reader's. Plain data only; costs a structured clone.
 */
export const deepFreeze = <T>(value: T): T => {
  const copy = structuredClone(value)
  freeze(copy)
  return copy
}
