import { join } from 'node:path'
import ts from 'typescript'
import type { Node } from '../documents/manifests.ts'
import { projectRoot } from '../project-files.ts'

/** Where `kubernetes-types` has what we use. */
const homes: Readonly<Record<string, string>> = {
  'apps/v1': 'apps/v1',
  v1: 'core/v1',
  'policy/v1': 'policy/v1',
  'networking.k8s.io/v1': 'networking/v1',
}

const declared = (manifest: Node, index: number): string => {
  const { apiVersion, kind } = manifest
  const home = homes[String(apiVersion)]
  if (home === undefined)
    return `export const unknown${index}: never = ${JSON.stringify(apiVersion)}`
  const type = `import('kubernetes-types/${home}').${String(kind)}`
  return `export const manifest${index}: ${type} = ${JSON.stringify(manifest, null, 1)}`
}

/**
 * What the API would refuse of these manifests, as the compiler says it: every one is a literal of
 * the API's own type, so a field that it does not know, lacks or has with another type is an error.
 */
export const apiProblems = (manifests: readonly Node[]): readonly string[] => {
  const path = join(projectRoot, 'test/deploy/manifests.generated.ts')
  const text = manifests.map(declared).join('\n')
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    lib: ['lib.es5.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    ignoreDeprecations: '5.0',
    skipLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === path || fileExists(name)
  host.getSourceFile = (name, version) =>
    name === path ? ts.createSourceFile(name, text, version, true) : getSourceFile(name, version)
  const program = ts.createProgram([path], options, host)
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
