import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** In place of what was there, at once and whole, and durable. */
export const replaceFile = (path: string, text: string): void => {
  const beside = `${path}.new`
  // What lies there may be a link to elsewhere, or a file that others may read.
  rmSync(beside, { force: true })
  const file = openSync(beside, 'wx', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
}
