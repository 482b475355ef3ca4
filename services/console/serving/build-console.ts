import { fileURLToPath } from 'node:url'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { baseCss, themeCss } from '../../../shared/pages/index.ts'

const entries = ['../browser/main.tsx', '../browser/styles/console.css'] as const

export type BuiltConsole = Readonly<{
  files: readonly Readonly<{ name: string; bytes: Buffer }>[]
  /** The sources that they are made of. */
  inputs: readonly string[]
}>

const loadEsbuild = () =>
  import('esbuild').catch((cause: unknown) => {
    const isAbsent = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String(errorCode(cause)))
    if (!isAbsent) throw cause
    throw new AuthError(
      'CONSOLE_UNBUILT',
      'The console is not built here, and esbuild, which builds it, is not installed: `npm ci` ' +
        'installs it in a clone; the published package has the console built.',
      { cause },
    )
  })

/**
 * The script and the style of the console, minified, each under a name that its content gives it.
 * @throws AuthError CONSOLE_UNBUILT where esbuild is not installed
 */
export const buildConsole = async (): Promise<BuiltConsole> => {
  const { build } = await loadEsbuild()
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../../../', import.meta.url)),
    entryPoints: entries.map((path) => fileURLToPath(new URL(path, import.meta.url))),
    entryNames: '[name]-[hash]',
    outdir: '/',
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    // The colours and the beginning that all pages have.
    banner: { css: themeCss() + baseCss },
    legalComments: 'none',
    charset: 'utf8',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const files = outputFiles.map(({ path, contents }) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    bytes: Buffer.from(contents),
  }))
  return { files, inputs: Object.keys(metafile.inputs) }
}
