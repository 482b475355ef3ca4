import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Sources run as they are where nothing is built of them, and an operator's own file always does.
// Node strips the types itself from 22.18 on, of nothing below `node_modules`; elsewhere tsx does.

let isRegistered = false

/** Whether tsx runs the TypeScript of this thread, all of it. */
export const isTsxRegistered = () => isRegistered

/** Whether Node itself runs the TypeScript at this address. */
const isStripped = (href) =>
  Boolean(process.features.typescript) && !href.includes('/node_modules/')

// tsx keeps what it stripped in the temporary folder, which a container may not have, and under a
// name that another user may have taken before us: whoever writes there writes our code.
const cacheIsOurs = () => {
  const user = process.geteuid?.()
  if (user === undefined) return true
  const dir = join(tmpdir(), `tsx-${user}`)
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') return false
  }
  try {
    const found = lstatSync(dir)
    if (!found.isDirectory() || found.uid !== user) return false
    if ((found.mode & 0o022) !== 0) chmodSync(dir, 0o700)
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

export const openTsx = async () => {
  if (!cacheIsOurs()) process.env['TSX_DISABLE_CACHE'] = '1'
  return await import('tsx/esm/api').catch((cause) => {
    const text = `Node ${process.versions.node} does not run it by itself, and tsx is not installed`
    throw new Error(`${text}: npm install tsx`, { cause })
  })
}

/**
 * From here on this thread runs the TypeScript at this address. The CommonJS side is for an
 * operator's own file, such as `curfew.config.ts` in a folder of that kind.
 */
export const runTypeScript = async (href) => {
  if (isStripped(href)) return
  isRegistered = true
  const { register } = await openTsx()
  const { register: registerCommonJs } = await import('tsx/cjs/api')
  registerCommonJs()
  register()
}
