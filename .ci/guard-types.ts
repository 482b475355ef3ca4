import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import ts from 'typescript'
import { guardEntries } from './guard-script.ts'

const root = join(import.meta.dirname, '..')

const refuse = (diagnostics: readonly ts.Diagnostic[]): void => {
  if (diagnostics.length === 0) return
  const text = ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  })
  throw new Error(`the guard does not build:\n${text}`)
}

/** What users fill in is explained where they do; docs/guard.md has the rest. */
const isExplained = (path: string): boolean =>
  /^guard(-kafka)?\/(attach|kafka-revocation-feed)\./.test(path)

/**
 * The codes of errors are text: whoever has a guard meets those that its pages name, and a list of
 * all of them is large.
 */
const shorter = (path: string, text: string): string => {
  const plain = isExplained(path) ? text : text.replace(/^ *\/\*\*.*?\*\/\n/gms, '')
  return path === 'kernel/errors.d.ts'
    ? plain.replace(/(const errorCatalogue: )\{.*?^\}/ms, '$1Record<string, 0>')
    : plain
}

const declarations = (): ReadonlyMap<string, string> => {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} }
  // A program that is made once keeps nothing of what it found.
  const over = { emitDeclarationOnly: true, incremental: false, tsBuildInfoFile: '' }
  const found = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.guard.json'), over, host)
  if (!found) throw new Error('tsconfig.guard.json does not read')
  const program = ts.createProgram(found.fileNames, found.options)
  refuse([...found.errors, ...ts.getPreEmitDiagnostics(program)])
  const emitted = new Map<string, string>()
  program.emit(undefined, (path, text) => {
    const name = relative(found.options.outDir ?? '', path)
    emitted.set(name, shorter(name, text))
  })
  return emitted
}

const declared = (source: string): string => source.replace(/^shared\//, '').replace(/ts$/, 'd.ts')

/** Two files of one program that name each other's types are one matter to a compiler. */
const isHarmless = (code: string | undefined): boolean =>
  code === 'CYCLIC_CROSS_CHUNK_REEXPORT' ||
  code === 'CIRCULAR_DEPENDENCY' ||
  code === 'PLUGIN_WARNING'

/** A compiler looks for `types.d.cts` where it reads `types.cjs`. */
const asRequired = (code: string): string =>
  code.replaceAll('.d.cts', '.cjs').replace(/^(?: {4})+/gm, (wide) => wide.replaceAll('    ', '  '))

const inFewFiles = async (stage: string): Promise<ReadonlyMap<string, string>> => {
  const input = Object.fromEntries(
    Object.entries(guardEntries).map(([name, source]) => [name, join(stage, declared(source))]),
  )
  const bundle = await rollup({
    input,
    plugins: [dts()],
    external: [/^node:/, 'koa', 'fastify'],
    onLog: (_level, { code, message }) => {
      if (!isHarmless(code)) throw new Error(`the guard's types do not build: ${message}`)
    },
  })
  const { output } = await bundle.generate({
    format: 'es',
    entryFileNames: '[name].d.cts',
    chunkFileNames: 'types.d.cts',
    manualChunks: (id) => (Object.values(input).includes(id) ? undefined : 'types'),
  })
  await bundle.close()
  return new Map(
    output.flatMap((file) =>
      file.type === 'chunk' ? [[file.fileName, asRequired(file.code)]] : [],
    ),
  )
}

/**
 * The declarations, by name.
 * @throws Error with the compiler's messages.
 */
export const guardTypes = async (): Promise<ReadonlyMap<string, string>> => {
  const stage = mkdtempSync(join(tmpdir(), 'curfew-types-'))
  try {
    for (const [name, text] of declarations()) {
      const path = join(stage, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    return await inFewFiles(stage)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}
