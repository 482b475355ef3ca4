import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'

/** In place of what was there, at once and whole, and durable. */
export const replaceFile = (path: string, text: string): void => {
  const beside = `${path}.new`
  const file = openSync(beside, 'w', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
}
