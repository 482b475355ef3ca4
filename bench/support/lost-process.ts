type Told = (error: Error) => void

const listeners = new Set<Told>()

/** Says that a process which a scenario measures ended although nobody asked it to. */
export const processLost = (what: string): void => {
  for (const told of listeners) told(new Error(what))
}

/**
 * Does `work`, and rejects as soon as a process is lost: a scenario that waits for what a process
 * does would otherwise wait for ever, and nobody would read what the process said at its end.
 */
export const unlessProcessLost = async <T>(work: () => Promise<T>): Promise<T> => {
  let told: Told = () => {}
  const lost = new Promise<never>((_, reject) => {
    told = reject
  })
  listeners.add(told)
  const working = work()
  // Its failure after a loss is only the loss once more.
  working.catch(() => {})
  try {
    return await Promise.race([working, lost])
  } finally {
    listeners.delete(told)
  }
}
