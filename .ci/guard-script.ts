import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { rollup } from 'rollup'
import { minify } from 'terser'
import ts from 'typescript'

const root = join(import.meta.dirname, '..')

/** What others import, and the file of a thread. */
export const guardEntries = {
  index: 'shared/guard/index.ts',
  koa: 'shared/guard/middleware/koa.ts',
  express: 'shared/guard/middleware/express.ts',
  fastify: 'shared/guard/middleware/fastify.ts',
  http: 'shared/guard/middleware/http.ts',
  kafka: 'shared/guard-kafka/kafka-revocation-feed.ts',
} as const
const threadEntry = { 'kafka-feed-worker': 'shared/guard-kafka/kafka-feed-worker.ts' }

/**
 * The catalogue of errors, of those that pass, and without what each means: the sentences are for
 * a page of the reference, and all of it was a tenth of what a service downloads.
 */
const passingErrors = (path: string): string => {
  const text = ts.sys.readFile(path) ?? ''
  const cut: [from: number, to: number][] = []
  const visit = (node: ts.Node): void => {
    const isAssigned = ts.isPropertyAssignment(node)
    const isLasting = isAssigned && /^\{\s*retriable: false/.test(node.initializer.getText())
    if (isLasting || (isAssigned && node.name.getText() === 'meaning')) {
      const comma = text[node.getEnd()] === ',' ? 1 : 0
      cut.push([node.getFullStart(), node.getEnd() + comma])
    } else ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return cut.reduceRight((kept, [from, to]) => kept.slice(0, from) + kept.slice(to), text)
}

/** Of snappyjs the half that decodes, for the kind of memory that Kafka's client has. */
const uncompressOnly = `
import { SnappyDecompressor } from './snappy_decompressor.js'
export const uncompress = (compressed, maxLength) => {
  const decompressor = new SnappyDecompressor(compressed)
  const length = decompressor.readUncompressedLength()
  if (length === -1) throw new Error('Invalid Snappy bitstream')
  if (length > maxLength) throw new Error('a block of ' + length + ' bytes: too large')
  const uncompressed = Buffer.alloc(length)
  if (!decompressor.uncompressToBuffer(uncompressed)) throw new Error('Invalid Snappy bitstream')
  return uncompressed
}`

/** As an ES module, for which no loader has to be bundled. */
const decompressor = (path: string): string =>
  (ts.sys.readFile(path) ?? '').replace(/^exports\.(\w+) = \1$/m, 'export { $1 }')

/** fzstd is for a Node without Zstandard, where whoever needs it installs it. */
const installedZstd = `
import { createRequire } from 'node:module'
import zlib from 'node:zlib'
const installed = () => {
  try {
    return createRequire(import.meta.url)('fzstd').decompress
  } catch {
    return null
  }
}
const decompress = zlib.zstdDecompressSync ? null : installed()
export const plainZstd = decompress && ((frame, room) => {
  const out = room === null ? undefined : Buffer.alloc(room)
  const decoded = decompress(frame, out)
  return out ?? Buffer.from(decoded)
})`

/** Whom a denial of the broker names a right for: the table has those of every service. */
const rightsOfGuards = (path: string): string =>
  (ts.sys.readFile(path) ?? '').replace(/^ {2}\.\.\.rightsOf\('(?!guard').*?^ {2}\]\),\n/gms, '')

const leavingOut: Plugin = {
  name: 'what no guard uses',
  setup: ({ onLoad }) => {
    onLoad({ filter: /shared\/kernel\/(?:trail-)?errors\.ts$/ }, ({ path }) => ({
      contents: passingErrors(path),
      loader: 'ts',
    }))
    // What is built needs no loader of TypeScript.
    onLoad({ filter: /process\/thread-entry\.ts$/ }, () => ({
      contents: 'export const threadEntry = (entry) => entry',
    }))
    // Whoever only reads the log makes no topics and looks after none.
    onLoad({ filter: /topics\/(?:create-topics|raise-retention|topic-warnings)\.ts$/ }, () => ({
      contents: 'export const [createMissingTopics, raiseRetention, topicWarnings] = []',
    }))
    onLoad({ filter: /snappyjs\/index\.js$/ }, () => ({ contents: uncompressOnly }))
    onLoad({ filter: /snappyjs\/snappy_decompressor\.js$/ }, ({ path }) => ({
      contents: decompressor(path),
    }))
    onLoad({ filter: /protocol\/plain-zstd\.ts$/ }, () => ({
      contents: installedZstd,
      resolveDir: root,
    }))
    onLoad({ filter: /authorization\/needed-acls\.ts$/ }, ({ path }) => ({
      contents: rightsOfGuards(path),
      loader: 'ts',
    }))
  },
}

/** All doors lead into one file: it names frameworks as types, and kafkajs is the thread's. */
const core: Plugin = {
  name: 'core',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^core$/ }, ({ path }) => ({ path, namespace: 'core' }))
    onLoad({ filter: /^core$/, namespace: 'core' }, () => ({
      contents: Object.values(guardEntries)
        .map((source) => `export * from './${source}'`)
        .join('\n'),
      resolveDir: root,
    }))
  },
}

const ownUrl = 'curfewOwnUrl'
const ownUrlSaid = `const ${ownUrl}=require("node:url").pathToFileURL(__filename).href;`
const outside = ['jsonwebtoken', 'kafkajs']

const bundled = (entryPoints: Readonly<Record<string, string>>) =>
  build({
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    bundle: true,
    // Only ES modules can share their parts in files of their own.
    splitting: true,
    format: 'esm',
    outdir: 'lib',
    outExtension: { '.js': '.cjs' },
    chunkNames: 'part-[hash]',
    external: outside,
    define: { 'import.meta.url': ownUrl },
    plugins: [leavingOut, core],
    write: false,
    metafile: true,
    logLevel: 'silent',
  })

type Texts = ReadonlyMap<string, string>

/**
 * As CommonJS. Rollup asks for each module of Node's once in a file, and wraps what it does not
 * know in nothing: all that is outside has no more than `module.exports`.
 */
const toCommonJs = async (texts: Texts): Promise<Texts> => {
  const bundle = await rollup({
    input: [...texts.keys()].filter((name) => !name.startsWith('part-')),
    external: [/^node:/, ...outside],
    plugins: [
      {
        name: 'what was bundled',
        resolveId: (path) => (texts.has(basename(path)) ? basename(path) : null),
        load: (name) => texts.get(name) ?? null,
      },
    ],
    onLog: (_level, { code, message }) => {
      if (code !== 'UNUSED_EXTERNAL_IMPORT') throw new Error(`the guard does not build: ${message}`)
    },
    treeshake: { moduleSideEffects: 'no-external' },
  })
  const { output } = await bundle.generate({
    format: 'cjs',
    interop: 'default',
    exports: 'named',
    esModule: false,
    externalLiveBindings: false,
    generatedCode: { preset: 'es2015', symbols: false },
    entryFileNames: '[name].cjs',
    chunkFileNames: 'part-[hash].cjs',
  })
  await bundle.close()
  return new Map(output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one.code]] : [])))
}

const minified = async (code: string): Promise<string> => {
  const compress = {
    ecma: 2020,
    passes: 3,
    toplevel: true,
    keep_fargs: false,
    pure_getters: true,
  } as const
  // Node prints the line of an error that nobody caught, however long it is.
  const format = { max_line_len: 1_800 }
  const settings = { ecma: 2020, compress, format, mangle: { toplevel: true } } as const
  const small = (await minify(code, settings)).code
  if (!small) throw new Error('the guard does not build: nothing is left of a file')
  return small.includes(ownUrl) ? small.replace(/^("use strict";)?/, `$1${ownUrlSaid}`) : small
}

/** Node finds the names that `import` may ask for in the last line, without running it. */
const door = (exported: readonly string[]): string => {
  const names = [...exported].sort().join(', ')
  return `const { ${names} } = require('./core.cjs')\nmodule.exports = { ${names} }\n`
}

/**
 * The files that run, by name. The code is there once, as CommonJS, and `import` takes the same
 * files: who loads it both ways in one process has one guard.
 */
export const guardScript = async (): Promise<ReadonlyMap<string, string>> => {
  const entries = { core: 'core', ...threadEntry }
  const { outputFiles } = await bundled(entries)
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]))
  const files = new Map<string, string>()
  for (const [name, code] of await toCommonJs(texts)) files.set(name, await minified(code))
  const { metafile } = await bundled(guardEntries)
  for (const name of Object.keys(guardEntries)) {
    const exported = metafile.outputs[`lib/${name}.cjs`]?.exports ?? []
    files.set(`${name}.cjs`, door(exported))
  }
  return files
}
