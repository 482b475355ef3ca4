import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'

/** How a new name is stored: one spelling for each text that looks the same (RFC 8265, 3.4). */
export const storedName = (name: string): string => name.normalize('NFC')

/**
 * Under which spellings a user may be stored: as typed, in NFC, and, from before names were stored
 * so, in NFD.
 */
export const spellings = (name: string): readonly string[] => [
  ...new Set([name, storedName(name), name.normalize('NFD')]),
]

/**
 * The user of a name, however it is composed. One who is stored as typed goes first: two that
 * differ by composition may be there from before. Each spelling is asked for whatever the others
 * say, so that time does not tell which there is.
 */
export const userNamed = async (
  directory: Pick<UserDirectory, 'byName'>,
  name: string,
): Promise<User | null> => {
  const found = await Promise.all(spellings(name).map((one) => directory.byName(one)))
  return found.find((user) => user !== null) ?? null
}
