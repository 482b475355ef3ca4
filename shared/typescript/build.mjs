import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build } from 'esbuild'

/** What is run by itself: the command, and what runs in a thread. */
export const entries = [
  'services/cli/main.ts',
  'shared/adapters/lmdb/writer-thread/run-writer-thread.ts',
  'shared/guard-kafka/kafka-feed-worker.ts',
  'services/auditor/thread/run-trail-worker.ts',
]

/** Names that a built file is given when it runs; `run-built` has the values. */
export const givenNames = [
  'exports',
  'require',
  'module',
  'importModule',
  'sourceUrl',
  'builtFolder',
]

// Files that a source finds beside itself, and entries of threads, lie where they always do. What a
// source imports while it runs, and is not built in, is imported by a function that it is given: in
// a script that comes from compiled code, Node 20 refuses `import()`. esbuild escapes the text of
// strings, and not that of patterns and of tagged templates.
const asInSource = (text, path) =>
  text
    .replaceAll('import.meta.url', `sourceUrl(${JSON.stringify(path)})`)
    .replaceAll(/(?<!typeof )\bimport\((?!'\.)/g, 'importModule(')
    .replaceAll(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )

const ownSources = (root) => ({
  name: 'own sources',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.m?ts$|\.mjs$/ }, ({ path }) => {
      if (path.includes('/node_modules/')) return null
      const contents = asInSource(readFileSync(path, 'utf8'), relative(root, path))
      return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' }
    })
  },
})

/** What packages load at each start, and Curfew never asks them for. */
const leavingOut = {
  name: 'what is never asked for',
  setup: ({ onLoad }) => {
    // zod's messages in forty languages, of which none is chosen.
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {}' }))
    // What prom-client needs for exemplars, which are not switched on.
    onLoad({ filter: /\/node_modules\/@opentelemetry\/api\// }, () => ({ contents: '' }))
  },
}

/** Binaries, drivers that most processes never load, and what a team may install itself. */
const outside = ['@node-rs/argon2', 'lmdb', 'kafkajs', 'mongodb', 'tsx']

/** `run-script` reads what was built byte for byte: a middle dot became two other characters. */
const refuseOtherText = (path) => {
  const at = readFileSync(path).findIndex((byte) => byte > 0x7f)
  if (at >= 0) throw new Error(`${path} has a character beyond ASCII at ${at}`)
}

/**
 * Builds the entries of the sources in `root` into `folder`, each as one file with all that it
 * imports but for Node's own modules and the packages that stay outside, and answers what was read.
 * One file is loaded in a fraction of the time of the nine hundred that it is made of.
 */
export const buildEntries = async (root, folder) => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outbase: root,
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    // Not ES modules: to import `node:http` as one loads half of Node for names nobody asked for.
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: outside,
    tsconfigRaw: {},
    plugins: [leavingOut, ownSources(root)],
    banner: { js: `(function (${givenNames.join(', ')}) {` },
    footer: { js: '})' },
    // Node prints the line of an error that nobody caught, however long it is.
    ...{ minifyWhitespace: true, minifySyntax: true, lineLimit: 200 },
    ...{ sourcemap: 'linked', sourcesContent: false, legalComments: 'none', charset: 'ascii' },
    metafile: true,
    logLevel: 'silent',
  })
  for (const path of Object.keys(metafile.outputs)) {
    if (path.endsWith('.cjs')) refuseOtherText(join(root, path))
  }
  return Object.keys(metafile.inputs).map((path) => join(root, path))
}
