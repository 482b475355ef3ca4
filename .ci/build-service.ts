import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildEntries } from '../shared/typescript/build.mjs'

const root = join(import.meta.dirname, '..')

/** The folder of a package, of a path to one of its files; `null` if it is Curfew's own. */
const packageFolder = (path: string): string | null =>
  /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null

const licenceOf = (folder: string): string => {
  const name = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const title = folder.slice(folder.lastIndexOf('/node_modules/') + '/node_modules/'.length)
  if (name === undefined) throw new Error(`${title} has no licence that could be told`)
  return `${title}\n\n${readFileSync(join(folder, name), 'utf8')}`
}

/** What `npm pack` takes in place of the sources, with the licences of all that is built in. */
export const buildService = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  const folders = (await buildEntries(root, folder)).map(packageFolder)
  const packages = [...new Set(folders)].filter((one) => one !== null).sort()
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), packages.map(licenceOf).join('\n'))
}
