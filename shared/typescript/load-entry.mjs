import { existsSync } from 'node:fs'

/**
 * What the source at `href` exports, from what was built of it in `folder`, or from the source
 * itself if `folder` is `null`, or gone since this process was started. `use` names what the
 * process is about to do.
 */
export const loadEntry = async (href, folder, use) => {
  if (folder !== null && existsSync(folder)) {
    const { runBuilt } = await import('./run-built.mjs')
    return runBuilt(href, folder, use)
  }
  const { runTypeScript } = await import('./load.mjs')
  await runTypeScript(href)
  return await import(href)
}
