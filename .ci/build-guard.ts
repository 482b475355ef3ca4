import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guardEntries, guardScript } from './guard-script.ts'
import { guardTypes } from './guard-types.ts'

const root = join(import.meta.dirname, '..')
const home = join(root, 'shared/curfew-guard')

const readText = (path: string): string => readFileSync(path, 'utf8')

type Manifest = Readonly<Record<string, unknown>> & {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly engines: Readonly<Record<string, string>>
}
const readManifest = (folder: string): Manifest =>
  JSON.parse(readText(join(folder, 'package.json'))) as Manifest

/**
 * Types first: who reads `exports` takes the first that fits. `import` and `require` take the same
 * file, whose names Node finds in it.
 */
const doorOf = (name: string) => ({
  types: `./lib/${name}.d.cts`,
  default: `./lib/${name}.cjs`,
})

/**
 * What the package says of itself elsewhere: names and version from its own package.json, releases
 * of others from the project's.
 */
const published = (): object => {
  const { private: _, scripts: __, ...own } = readManifest(home)
  const { engines, dependencies, devDependencies } = readManifest(root)
  const { jsonwebtoken, kafkajs } = dependencies
  const { fzstd } = devDependencies
  const entries = Object.keys(guardEntries)
  const doors = entries.map((name) => [name === 'index' ? '.' : `./${name}`, doorOf(name)])
  return {
    ...own,
    type: 'commonjs',
    sideEffects: false,
    engines,
    // For compilers that do not read `exports` yet.
    main: './lib/index.cjs',
    types: './lib/index.d.cts',
    typesVersions: {
      '*': Object.fromEntries(entries.map((name) => [name, [`./lib/${name}.d.cts`]])),
    },
    exports: { ...Object.fromEntries(doors), './package.json': './package.json' },
    files: ['lib', 'THIRD-PARTY.txt'],
    dependencies: { jsonwebtoken: `^${jsonwebtoken}` },
    // What is amended of kafkajs at run time is the code of this one release. Node has what fzstd
    // does from 22.15 on.
    peerDependencies: { fzstd, kafkajs },
    peerDependenciesMeta: { fzstd: { optional: true }, kafkajs: { optional: true } },
  }
}

/** The decoder of one of Kafka's codecs is in `lib`; its licence wants to be told. */
const thirdParty = (): string =>
  `snappyjs\n\n${readText(join(root, 'node_modules/snappyjs/LICENSE'))}`

/**
 * The package `curfew-guard` as others install it, in `folder`: plain JavaScript and types, for
 * `import` and `require`.
 * @throws Error with the compiler's messages.
 */
export const buildGuard = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'lib'), { recursive: true })
  const files = new Map([...(await guardTypes()), ...(await guardScript())])
  for (const [name, text] of files) writeFileSync(join(folder, 'lib', name), text)
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published(), null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), readText(join(home, 'README.md')))
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), thirdParty())
}
