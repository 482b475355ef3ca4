import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-files.ts'

const sources = ['.ci', 'package.json', 'package-lock.json', 'services', 'shared']
const own = join(projectRoot, 'node_modules')

/** The sources and packages of this clone in `folder`, of which nothing is built yet. */
export const smallClone = (folder: string): string => {
  const clone = join(folder, 'clone')
  for (const name of sources)
    cpSync(join(projectRoot, name), join(clone, name), { recursive: true })
  mkdirSync(join(clone, 'node_modules'))
  for (const name of readdirSync(own)) {
    if (name === '.cache' || name === 'curfew-guard') continue
    symlinkSync(join(own, name), join(clone, 'node_modules', name))
  }
  symlinkSync('../shared/curfew-guard', join(clone, 'node_modules', 'curfew-guard'))
  return clone
}
