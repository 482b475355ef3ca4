/** Answers the paths of what was read. */
export const buildEntries: (root: string, folder: string) => Promise<readonly string[]>
