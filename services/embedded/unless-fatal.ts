import type { AuthError } from '../../shared/kernel/errors.ts'

/** Waits for `work`. @throws AuthError the one that waiting cannot mend, as soon as it comes */
export const unlessFatal = async (
  work: Promise<unknown>,
  fatal: Promise<AuthError>,
): Promise<void> => {
  const problem = await Promise.race([work.then(() => null), fatal])
  if (problem) throw problem
}
