/**
 * Tests whose outcome depends on the version of Node: what its OpenSSL takes for a key, how it runs
 * TypeScript, what it makes of the package, and one process and one fleet that do the whole work.
 * `--nodes` runs them on each version.
 */
const paths: readonly RegExp[] = [
  /^test\/unit\/(tokens|typescript|guard-kafka)\//,
  /^test\/unit\/cli\/config-file\.test\.ts$/,
  /^test\/package\/(guard-runs|kafka-package|installed)\.test\.ts$/,
  /^test\/system\/node-version-\w+\.test\.ts$/,
]

export const dependsOnNode = (file: string): boolean => paths.some((path) => path.test(file))
