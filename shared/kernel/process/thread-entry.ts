/** Where the code lies that was built of the sources; they themselves are run without it. */
declare const builtFolder: string | undefined

/**
 * Where a worker thread begins that is to run `entry`. Built code is run as it is. A source is run
 * as this process runs its own: a thread does not get the loader of its process.
 */
export const threadEntry = (entry: URL): URL => {
  if (!entry.pathname.endsWith('.ts')) return entry
  const { href } = new URL('../../typescript/load-entry.mjs', import.meta.url)
  const folder = typeof builtFolder === 'undefined' ? null : builtFolder
  const given = [entry.href, folder, 'thread'].map((value) => JSON.stringify(value))
  const text = `import { loadEntry } from ${JSON.stringify(href)}; await loadEntry(${given})`
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`)
}
