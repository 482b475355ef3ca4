import ts from 'typescript'
import { closureOf } from './import-graph.ts'
import { byPath, type SourceText } from './project-files.ts'
import type { ServerKind } from './servers/servers.ts'

const kinds: readonly ServerKind[] = ['kafka', 'mongo']

const foundIn = ({ path, text }: SourceText): readonly string[] => {
  const named: string[] = []
  const visit = (node: ts.Node): void => {
    const isCall = ts.isCallExpression(node) && node.expression.getText() === 'useServers'
    const [list] = isCall ? node.arguments : []
    if (list && ts.isArrayLiteralExpression(list)) {
      named.push(...list.elements.filter(ts.isStringLiteral).map((element) => element.text))
    }
    ts.forEachChild(node, visit)
  }
  if (text.includes('useServers(')) {
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  }
  return named
}

const known = new WeakMap<SourceText, readonly string[]>()

/** Each source is parsed once: most test files reach the same ones. */
const namedIn = (source: SourceText): readonly string[] => {
  const named = known.get(source) ?? foundIn(source)
  known.set(source, named)
  return named
}

/**
 * Servers that a test file asks for: those in a `useServers([…])` of its own or of what it imports
 * below test/.
 */
export const neededServers = (file: string, sources: readonly SourceText[]): ServerKind[] => {
  const files = byPath(sources)
  const reached = closureOf([file], files, ({ to }) => to.startsWith('test/'))
  const named = [...reached.keys()].flatMap((path) => {
    const source = files.get(path)
    return source ? namedIn(source) : []
  })
  return kinds.filter((kind) => named.includes(kind))
}
