import { createRequire } from 'node:module'
import { join } from 'node:path'
import { runScript } from './run-script.mjs'
import { showSourceLines } from './stack-lines.mjs'

const root = new URL('../../', import.meta.url)
const require = createRequire(root)

/** Runs what was built, in `folder`, of the source at `href`, and gives what that exports. */
export const runBuilt = (href, folder, use) => {
  const source = href.slice(root.href.length)
  const path = join(folder, source.replace(/\.ts$/, '.cjs'))
  showSourceLines(path)
  const module = { exports: {} }
  const sourceUrl = (name) => new URL(name, root).href
  const importModule = (name) => import(name)
  const given = [module.exports, require, module, importModule, sourceUrl, folder]
  runScript(path, `${href} ${use}`)(...given)
  return module.exports
}
