/** Ids that no file of accounts knows: a platform gives such ones. */
export const stranger = { uid: 71_234, gid: 71_234 } as const
/** As of an `fsGroup`. */
export const volumeGroup = 72_000

/** Only root can become somebody else. */
export const canBecomeOthers = process.getuid?.() === 0

/**
 * Runs `work` with the file rights of another user, in this process; one at a time, since all of
 * it changes.
 */
export const asUser = async <T>(
  { uid, gid }: Readonly<{ uid: number; gid: number }>,
  groups: readonly number[],
  work: () => Promise<T>,
): Promise<T> => {
  process.setgroups?.([...groups])
  process.setegid?.(gid)
  process.seteuid?.(uid)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
    process.setgroups?.([0])
  }
}
