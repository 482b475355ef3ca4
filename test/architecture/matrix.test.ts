import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { closureOf } from '../support/import-graph.ts'
import { byPath, projectRoot, type SourceText, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const foldersOf = (path: string): string[] =>
  readdirSync(join(projectRoot, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

const matrixFiles = (sources: readonly SourceText[]): string[] =>
  sources.map(({ path }) => path).filter((path) => /^test\/contracts\/[^/]+\.test\.ts$/.test(path))

/** What the files of the matrix reach within test/, and one step further. */
const named = (sources: readonly SourceText[]): string[] => [
  ...closureOf(matrixFiles(sources), byPath(sources), ({ typeOnly }) => !typeOnly).keys(),
]

const adaptersLeftOut = (folders: readonly string[], sources: readonly SourceText[]): string[] => {
  const reached = named(sources)
  const isNamed = (folder: string): boolean =>
    reached.some((path) => path.startsWith(`shared/adapters/${folder}/`))
  return folders.filter((folder) => !isNamed(folder))
}

const portsLeftOut = (ports: readonly string[], sources: readonly SourceText[]): string[] => {
  const reached = named(sources)
  return ports.filter((port) => !reached.includes(`test/contracts/${port}.ts`))
}

claims('the contract matrix', {
  'every folder of shared/adapters runs a contract': () => {
    const left = adaptersLeftOut(foldersOf('shared/adapters'), sourcesBelow('test'))
    assert.equal(left, [])
  },

  'every port has a contract that is run': () => {
    const ports = sourcesBelow('shared/ports').map(({ path }) =>
      path.slice('shared/ports/'.length, -'.ts'.length),
    )
    assert.ok(ports.length > 0)
    assert.equal(portsLeftOut(ports, sourcesBelow('test')), [])
  },

  'an adapter or a port that the matrix leaves out is named': () => {
    const sources = [
      {
        path: 'test/contracts/a.test.ts',
        text: "import '../../shared/adapters/a/a.ts'\nimport './log.ts'",
      },
      { path: 'test/contracts/log.ts', text: '' },
      { path: 'test/unit/b.test.ts', text: "import '../../shared/adapters/b/b.ts'" },
    ]
    assert.equal(adaptersLeftOut(['a', 'b'], sources), ['b'])
    assert.equal(portsLeftOut(['log', 'view'], sources), ['view'])
  },
})
