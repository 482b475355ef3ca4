/**
 * Where a worker thread begins that is to run `entry`. Built code is run as it is. Sources are
 * TypeScript, and a thread does not get the loader of its process where it needs one.
 */
export const threadEntry = (entry: URL): URL => {
  if (!entry.pathname.endsWith('.ts')) return entry
  const loader = new URL('../../typescript/load.mjs', import.meta.url)
  const [load, source] = [loader.href, entry.href].map((href) => JSON.stringify(href))
  const text =
    `import { runTypeScript } from ${load}; ` +
    `await runTypeScript(${source}); await import(${source})`
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`)
}
