import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '..')

const variants: Readonly<Record<'esm' | 'cjs', ts.CompilerOptions>> = {
  esm: {},
  cjs: {
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    // It forbids to write ES modules that become CommonJS.
    verbatimModuleSyntax: false,
    esModuleInterop: true,
  },
}

// `tsc` rewrites the endings of imports in what runs, and leaves those in declarations.
const ofDeclaration = (text: string): string =>
  text.replace(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2')

// It finds its thread's file by `import.meta`, which CommonJS has not; `require` of an ES module
// gives it (Node 20.19).
const isModuleOnly = (path: string): boolean => path.includes('/guard-kafka/')

const refuse = (diagnostics: readonly ts.Diagnostic[]): void => {
  if (diagnostics.length === 0) return
  const text = ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  })
  throw new Error(`the guard does not build:\n${text}`)
}

const emit = (name: 'esm' | 'cjs', outDir: string): void => {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} }
  const over = { ...variants[name], outDir }
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.guard.json'), over, host)
  if (!config) throw new Error('tsconfig.guard.json does not read')
  const files = config.fileNames.filter((path) => name === 'esm' || !isModuleOnly(path))
  const program = ts.createProgram(files, config.options)
  refuse([...config.errors, ...ts.getPreEmitDiagnostics(program)])
  program.emit(undefined, (path, text) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, path.endsWith('.d.ts') ? ofDeclaration(text) : text)
  })
  // Node takes the kind of a `.js` file from the nearest package.json.
  const type = name === 'esm' ? 'module' : 'commonjs'
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify({ type })}\n`)
}

/**
 * The guard as plain JavaScript with types, once for `import` (`dist/esm`) and once for `require`
 * (`dist/cjs`). Nothing is bundled: a stack trace names the file that was reviewed.
 * @throws Error with the compiler's messages.
 */
export const buildGuard = (dist: string): void => {
  for (const name of ['esm', 'cjs'] as const) {
    const outDir = join(dist, name)
    rmSync(outDir, { recursive: true, force: true })
    emit(name, outDir)
  }
}
