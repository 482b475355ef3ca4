import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildConsole } from '../services/console/index.ts'
import { buildEntries } from '../shared/typescript/build.mjs'

const root = join(import.meta.dirname, '..')

/** The folder of a package, of a path to one of its files; `null` if it is Curfew's own. */
const packageFolder = (path: string): string | null =>
  /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null

/** The text that a package has of its licence, or the name that it gives it. */
const licenceOf = (folder: string): string => {
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  const { name, version, license, author } = JSON.parse(text) as Record<string, unknown>
  if (file === undefined && !license) throw new Error(`${String(name)} names no licence`)
  const said =
    file === undefined ? JSON.stringify({ license, author }) : readFileSync(join(folder, file))
  return `${String(name)} ${String(version)}\n\n${String(said)}\n`
}

/** What `npm pack` takes in place of the sources, with the licences of all that is built in. */
export const buildService = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  const read = await buildEntries(root, folder)
  const { files, inputs } = await buildConsole()
  mkdirSync(join(folder, 'console'))
  for (const { name, bytes } of files) writeFileSync(join(folder, 'console', name), bytes)
  const folders = [...read, ...inputs.map((path) => join(root, path))].map(packageFolder)
  const packages = [...new Set(folders)].filter((one) => one !== null).sort()
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), packages.map(licenceOf).join('\n'))
}
