/** What `npm run check` runs. */
export const checkWords = ['unit', 'http', 'architecture'] as const

/**
 * Tests whose outcome depends on the version of Node: those of `npm run check`, those of the
 * packages, and one process and one fleet that do the whole work. `--nodes` runs them on each
 * version.
 */
const isOfPackages = /^test\/package\/|\/node-version-\w+\.test\.ts$/

export const dependsOnNode = (file: string): boolean =>
  isOfPackages.test(file) || checkWords.some((word) => file.includes(word))
