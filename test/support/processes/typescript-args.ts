import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../project-files.ts'

/** Arguments of `node` with which it runs our sources, whatever its version. */
export const typescriptArgs = [
  '--import',
  pathToFileURL(join(projectRoot, '.ci', 'typescript.mjs')).href,
] as const
