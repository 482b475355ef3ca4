import { posix } from 'node:path'
import ts from 'typescript'
import { closureOf } from '../support/import-graph.ts'
import { byPath, type SourceText } from '../support/project-files.ts'

type Ban = Readonly<{ text: RegExp; instead: string; except: RegExp }>

const tests = 'test/|bench/|\\.ci/'
const bans: readonly Ban[] = [
  {
    text: /\bprocess\.env\b/,
    instead: 'a table of config.ts, read in main.ts',
    // tsx and Node's cache have their settings there.
    except: new RegExp(
      `^(${tests}|services/(cli|embedded)/|services/[^/]+/main\\.ts$` +
        '|shared/typescript/(load|compile-cache|cache-folder)[.])',
    ),
  },
  {
    text: /\bDate\.now\(|\bnew Date\(\)/,
    instead: 'Clock (shared/kernel/clock.ts)',
    // A browser's page has no port of time.
    except: /^(shared\/kernel|services\/console\/browser\/model)\/clock\.ts$/,
  },
  {
    text: /\bMath\.random\b|\brandomUUID\b/,
    instead: 'Entropy (shared/kernel/entropy.ts)',
    except: /^shared\/kernel\/entropy\.ts$/,
  },
  {
    text: /\bconsole\./,
    instead: 'Logger (shared/kernel/logger.ts)',
    except: new RegExp(`^(${tests}|services/cli/)`),
  },
  {
    text: /\bmkdir(Sync)?\(.*\brecursive\b/,
    instead: 'makeFolder (shared/kernel/process/make-folder.ts), which ends also below /proc',
    except: new RegExp(`^(${tests}|shared/typescript/keep-built[.])`),
  },
  { text: /\.only\(/, instead: 'the words of `npm test -- <word>`', except: /^test\/fixtures\// },
  { text: /\bexport default\b/, instead: 'a named export', except: /^$/ },
]

const limits = { fileLines: 250, functionLines: 70, lineChars: 100 } as const

const parse = ({ path, text }: SourceText): ts.SourceFile =>
  ts.createSourceFile(path, text, {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  })

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isRegularExpressionLiteral(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddle(node) ||
  ts.isTemplateTail(node)

/** The code alone, each token at its place; what strings, patterns and comments say is no code. */
const codeOf = (source: SourceText): string => {
  const file = parse(source)
  const code = source.text.replace(/[^\n]/g, ' ').split('')
  const visit = (node: ts.Node): void => {
    if (isText(node)) return
    const children = node.getChildren(file)
    for (const child of children) visit(child)
    if (children.length > 0) return
    const start = node.getStart(file)
    for (let at = start; at < node.end; at += 1) code[at] = source.text[at] ?? ' '
  }
  visit(file)
  return code.join('')
}

/** Banned text as `path:line: <text>: use <what instead>`. */
export const bannedText = (source: SourceText): string[] => {
  const applied = bans.filter(({ except }) => !except.test(source.path))
  if (!applied.some(({ text }) => text.test(source.text))) return []
  return codeOf(source)
    .split('\n')
    .flatMap((line, index) =>
      applied.flatMap(({ text, instead }) => {
        const found = text.exec(line)
        return found ? [`${source.path}:${index + 1}: ${found[0]}: use ${instead}`] : []
      }),
    )
}

const longFunctions = (source: SourceText): string[] => {
  const file = parse(source)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line
      const last = file.getLineAndCharacterOfPosition(node.end).line
      const lines = last - first + 1
      if (lines > limits.functionLines) {
        found.push(`${source.path}:${first + 1}: a function of ${lines} lines`)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Files, functions and lines that are longer than a person reads at once. */
export const oversize = (source: SourceText): string[] => {
  const lines = source.text.replace(/\n$/, '').split('\n')
  const files =
    lines.length > limits.fileLines ? [`${source.path}: a file of ${lines.length} lines`] : []
  const wide = lines.flatMap((line, index) =>
    line.length > limits.lineChars
      ? [`${source.path}:${index + 1}: a line of ${line.length} characters`]
      : [],
  )
  const functions = lines.length > limits.functionLines ? longFunctions(source) : []
  return [...files, ...wide, ...functions]
}

/**
 * Files that are started by name (a worker, a child process) are named in a string that is their
 * relative path.
 */
const startedBy = (source: SourceText): string[] =>
  [...source.text.matchAll(/'(\.{1,2}\/[^'\n]+\.(?:tsx?|mjs))'/g)].map((match) =>
    posix.join(posix.dirname(source.path), match[1] ?? ''),
  )

const isRoot = (path: string): boolean =>
  /^services\/(cli\/curfew\.mjs|[^/]+\/main\.ts)$/.test(path) ||
  // The executable model: what the other adapters and the simulation are compared with.
  path.startsWith('shared/adapters/memory/') ||
  // One sample of each event: what golden files and the reference pages are made of.
  path === 'shared/events/examples.ts' ||
  /^shared\/curfew-guard\/[a-z]+\.ts$/.test(path)

/** What ships and is reached from no root: dead, or forgotten. */
export const unreachable = (sources: readonly SourceText[]): string[] => {
  const files = byPath(sources)
  const reached = new Set<string>()
  let queue = sources.map(({ path }) => path).filter(isRoot)
  while (queue.length > 0) {
    for (const path of closureOf(queue, files).keys()) reached.add(path)
    queue = [...reached]
      .flatMap((path) => startedBy(files.get(path) ?? { path, text: '' }))
      .filter((path) => files.has(path) && !reached.has(path))
  }
  return sources.map(({ path }) => path).filter((path) => !reached.has(path))
}
