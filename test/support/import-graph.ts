import { posix } from 'node:path'
import ts from 'typescript'
import type { SourceText } from './project-files.ts'

export type Import = Readonly<{
  /** As written when it is a package or a builtin, else the path of the file meant. */
  to: string
  typeOnly: boolean
}>

const resolved = (from: string, specifier: string): string =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier

// `import { type A }` is none: `verbatimModuleSyntax` keeps an empty import, which still loads the
// module.
const typeStatement = /^(?:import|export)\s+type\s+(?!from\b|,)/

/**
 * Whether the specifier that begins at `at` ends a statement of types alone. Nothing is parsed: the
 * statement is what stands between the last line that begins one and the specifier.
 */
const isOfTypes = (text: string, at: number): boolean => {
  const before = text.slice(0, at)
  const start = Math.max(before.lastIndexOf('\nimport '), before.lastIndexOf('\nexport ')) + 1
  const statement = before.slice(start)
  return typeStatement.test(statement) && /\bfrom\s*['"]?$/.test(statement)
}

const foundIn = ({ path, text }: SourceText): Import[] => {
  const found = new Map<string, boolean>()
  for (const { fileName, pos } of ts.preProcessFile(text, true, true).importedFiles) {
    found.set(fileName, (found.get(fileName) ?? true) && isOfTypes(text, pos))
  }
  return [...found].map(([specifier, typeOnly]) => ({ to: resolved(path, specifier), typeOnly }))
}

const known = new WeakMap<SourceText, readonly Import[]>()

/**
 * All that a file imports: `import`, `export … from`, `import type`, `import()` and `require`. A
 * module that is imported for its types alone is `typeOnly`; one named both ways is not. Each
 * source is read once: many rules and closures ask about the same files.
 */
export const importsOf = (source: SourceText): readonly Import[] => {
  const imports = known.get(source) ?? foundIn(source)
  known.set(source, imports)
  return imports
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
    for (const found of importsOf(source)) {
      if (reached.has(found.to) || !follow(found, path)) continue
      reached.set(found.to, path)
      queue.push(found.to)
    }
  }
  return reached
}
