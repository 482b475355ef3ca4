import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import ts from 'typescript'

/** One source file; `path` is relative to the project's root, with forward slashes. */
export type SourceText = Readonly<{ path: string; text: string }>
export type Import = Readonly<{
  /** As written when it is a package or a builtin, else the path of the file meant. */
  to: string
  typeOnly: boolean
}>

export const projectRoot = join(import.meta.dirname, '..', '..')

/**
 * Files below `folder` (relative to the root) whose path `wanted` takes, sorted; no `node_modules`.
 */
export const filesBelow = (folder: string, wanted: (path: string) => boolean): string[] => {
  const absolute = join(projectRoot, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/') && wanted(path))
    .sort()
}

export const isSource = (path: string): boolean => /\.(ts|mjs)$/.test(path)
export const sourceAt = (path: string): SourceText => ({
  path,
  text: readFileSync(join(projectRoot, path), 'utf8'),
})
export const sourcesBelow = (...folders: readonly string[]): SourceText[] =>
  folders.flatMap((folder) => filesBelow(folder, isSource).map(sourceAt))

const resolved = (from: string, specifier: string): string =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier

const clauseIsType = (clause: ts.ImportClause | undefined): boolean => {
  if (!clause) return false // `import './x.ts'` runs the file.
  if (clause.isTypeOnly) return true
  const { name, namedBindings } = clause
  if (name || !namedBindings || ts.isNamespaceImport(namedBindings)) return false
  // `import { type A }` alone: `verbatimModuleSyntax` keeps an empty import, which still loads the
  // module.
  return false
}

const statementIsType = (statement: ts.Statement): boolean =>
  (ts.isImportDeclaration(statement) && clauseIsType(statement.importClause)) ||
  (ts.isExportDeclaration(statement) && statement.isTypeOnly)

const specifierOf = (statement: ts.Statement): string | null => {
  const isOne = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)
  const specifier = isOne ? statement.moduleSpecifier : undefined
  return specifier && ts.isStringLiteral(specifier) ? specifier.text : null
}

/**
 * All that a file imports: `import`, `export … from`, `import type`, `import()` and `require`. A
 * module that is imported for its types alone is `typeOnly`; one named both ways is not.
 */
export const importsOf = ({ path, text }: SourceText): Import[] => {
  const listed = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false)
  const byType = new Map<string, boolean>()
  for (const statement of statements) {
    const specifier = specifierOf(statement)
    if (specifier === null) continue
    byType.set(specifier, (byType.get(specifier) ?? true) && statementIsType(statement))
  }
  return [...new Set(listed)].map((specifier) => ({
    to: resolved(path, specifier),
    typeOnly: byType.get(specifier) ?? false,
  }))
}

const read = new WeakMap<SourceText, readonly Import[]>()
/** As `importsOf`, once for each source: many closures are asked about the same files. */
const importsOnce = (source: SourceText): readonly Import[] => {
  const known = read.get(source) ?? importsOf(source)
  read.set(source, known)
  return known
}

/** What `roots` reach, packages and builtins included; each with the file that first reached it. */
export const closureOf = (
  roots: readonly string[],
  sources: ReadonlyMap<string, SourceText>,
  follow: (found: Import, from: string) => boolean = () => true,
): ReadonlyMap<string, string> => {
  const reached = new Map<string, string>(roots.map((root) => [root, '']))
  const queue = [...roots]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const source = sources.get(path)
    if (!source) continue
    for (const found of importsOnce(source)) {
      if (reached.has(found.to) || !follow(found, path)) continue
      reached.set(found.to, path)
      queue.push(found.to)
    }
  }
  return reached
}

export const byPath = (sources: readonly SourceText[]): ReadonlyMap<string, SourceText> =>
  new Map(sources.map((source) => [source.path, source]))
