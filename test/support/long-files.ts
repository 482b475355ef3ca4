/**
 * Files that take ten seconds to minutes each and need no server: with all of them a machine that
 * has Node alone is at work for ten minutes, and without for three or four.
 */
export const longPaths: readonly RegExp[] = [
  /^test\/system\/[a-z]+\/(races|rotation|sequences|crash|accounts)-lmdb\.test\.ts$/,
  /^test\/system\/[a-z]+\/(feed-sse|feed-storm-lmdb|guard-lag|no-cron)\.test\.ts$/,
  /^test\/system\/cli\/(admin-cli|revoke-cli)\.test\.ts$/,
  /^test\/system\/[a-z]+\/(read-only-root|metrics|watched-metrics)\.test\.ts$/,
  /^test\/model\/.*\.test\.ts$/,
  /^test\/package\/guard-package\.test\.ts$/,
  /^test\/recipes\/(commands|deployed)\.test\.ts$/,
  /^test\/unit\/guard-kafka\/worker-revocation-feed\.test\.ts$/,
  /^test\/runner\//,
]

export const isLong = (file: string): boolean => longPaths.some((path) => path.test(file))

export type Run = Readonly<{
  /** Words that choose files: who names a file wants it. */
  words: readonly string[]
  /** `--all`. */
  isAll: boolean
  /** Why there is no broker; `undefined` where there is one. */
  noBroker: string | undefined
}>

/** Whether a run leaves this file out, and says so. */
export const isLeftOut = (file: string, { words, isAll, noBroker }: Run): boolean =>
  noBroker !== undefined && !isAll && words.length === 0 && isLong(file)

export const whyLeftOut = 'it takes long; npm test -- --all runs it too'
