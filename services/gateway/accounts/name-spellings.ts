import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'

/** The stored form of a new name: NFC, so that names which look equal are equal (RFC 8265, 3.4). */
export const storedName = (name: string): string => name.normalize('NFC')

/**
 * The forms in which a name may be stored: in NFC, and, by older versions, as typed or in NFD.
 */
export const spellings = (name: string): readonly string[] => [
  ...new Set([name, storedName(name), name.normalize('NFD')]),
]

/**
 * The user of a name, in whichever normal form. Older versions may have stored two names that
 * differ in that alone; then the one stored as typed wins. Every form is read, so that the time
 * does not tell which exists.
 */
export const userNamed = async (
  directory: Pick<UserDirectory, 'byName'>,
  name: string,
): Promise<User | null> => {
  const found = await Promise.all(spellings(name).map((spelling) => directory.byName(spelling)))
  return found.find((user) => user !== null) ?? null
}
