import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { buildGuard } from '../../.ci/build-guard.ts'
import { systemClock } from '../../shared/kernel/clock.ts'
import { filesBelow, projectRoot } from './import-graph.ts'
import { cacheFolder } from './server-process.ts'

const builders = ['.ci/build-guard.ts', 'tsconfig.json', 'tsconfig.guard.json', 'package-lock.json']
const keptMs = 24 * 3_600_000

/** What `npm pack` takes from the project beside `dist`: folders and files. */
const given = (): readonly string[] => {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  const { files } = JSON.parse(text) as { files: readonly string[] }
  return ['package.json', ...files.filter((name) => name !== 'dist')]
}

const isFolder = (name: string): boolean => statSync(join(projectRoot, name)).isDirectory()

const fingerprint = (names: readonly string[]): string => {
  const paths = names.flatMap((name) => (isFolder(name) ? filesBelow(name, () => true) : [name]))
  const hash = createHash('sha256')
  for (const path of [...paths, ...builders]) {
    const content = readFileSync(join(projectRoot, path))
    hash.update(`${path} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 32)
}

const dropOld = (folder: string): void => {
  const since = systemClock.now() - keptMs
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).mtimeMs < since) rmSync(path, { recursive: true, force: true })
  }
}

/**
 * The path of what `npm publish` would send. It is packed from a copy, so that the project's own
 * `dist` stays as it is, and kept in the cache: of what has not changed it is made once, for each
 * test and each version of Node.
 */
export const packedTarball = (): string => {
  const names = given()
  const folder = cacheFolder('packed')
  const kept = join(folder, `${fingerprint(names)}.tgz`)
  if (existsSync(kept)) return kept
  mkdirSync(folder, { recursive: true })
  dropOld(folder)
  const stage = mkdtempSync(join(folder, 'stage-'))
  try {
    for (const name of names) {
      cpSync(join(projectRoot, name), join(stage, name), { recursive: true })
    }
    buildGuard(join(stage, 'dist'))
    const pack = ['pack', '--ignore-scripts', '--silent']
    const name = execFileSync('npm', pack, { cwd: stage, encoding: 'utf8' }).trim()
    renameSync(join(stage, name), kept)
    return kept
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}
