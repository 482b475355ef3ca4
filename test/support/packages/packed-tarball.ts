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
import { buildGuard } from '../../../.ci/build-guard.ts'
import { buildService } from '../../../.ci/build-service.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { filesBelow, projectRoot } from '../project-files.ts'
import { cacheFolder } from '../servers/server-process.ts'

const built = 'dist'
const builders = ['.ci', 'shared', 'tsconfig.json', 'tsconfig.guard.json']
const keptMs = 24 * 3_600_000

/** What `npm pack` takes from the project as it is, and maybe more: folders and files. */
const given = (): readonly string[] => {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  const { files } = JSON.parse(text) as { files: readonly string[] }
  const names = files.map((name) => name.replace(/\/\*.*$/, ''))
  return ['package.json', ...names.filter((name) => name !== built)]
}

const isFolder = (name: string): boolean => statSync(join(projectRoot, name)).isDirectory()

const fingerprint = (names: readonly string[]): string => {
  const paths = names.flatMap((name) => (isFolder(name) ? filesBelow(name, () => true) : [name]))
  const hash = createHash('sha256')
  for (const path of [...paths, 'package-lock.json']) {
    const content = readFileSync(join(projectRoot, path))
    hash.update(`${path} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 32)
}

const dropOld = (folder: string): void => {
  const since = systemClock.now() - keptMs
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    // Another process may have dropped it, or moved its own stage away.
    const found = statSync(path, { throwIfNoEntry: false })
    if (found && found.mtimeMs < since) rmSync(path, { recursive: true, force: true })
  }
}

/**
 * Packed from a copy, so that the project's own folders stay as they are, and kept in the cache: of
 * what has not changed it is made once, for each test and each version of Node.
 */
const packedOnce = async (
  name: string,
  sources: readonly string[],
  fill: (stage: string) => void | Promise<void>,
): Promise<string> => {
  const folder = cacheFolder('packed')
  const kept = join(folder, `${name}-${fingerprint(sources)}.tgz`)
  if (existsSync(kept)) return kept
  mkdirSync(folder, { recursive: true })
  dropOld(folder)
  const stage = mkdtempSync(join(folder, 'stage-'))
  try {
    const package_ = join(stage, 'package')
    mkdirSync(package_)
    await fill(package_)
    const pack = ['pack', '--ignore-scripts', '--silent']
    const made = execFileSync('npm', pack, { cwd: package_, encoding: 'utf8' }).trim()
    renameSync(join(package_, made), kept)
    return kept
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** The path of what `npm publish` would send of the service. */
export const packedService = (): Promise<string> =>
  packedOnce('curfew', [...given(), 'services', ...builders], async (stage) => {
    for (const name of given()) {
      cpSync(join(projectRoot, name), join(stage, name), { recursive: true })
    }
    await buildService(join(stage, built))
  })

/** The path of what `npm run pack:guard` makes. */
export const packedGuard = (): Promise<string> =>
  packedOnce('curfew-guard', ['package.json', ...builders], buildGuard)
