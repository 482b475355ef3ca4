import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectRoot } from '../project-files.ts'
import { packedGuard, packedService } from './packed-tarball.ts'

/** A tarball, unpacked into the `node_modules` of a folder that has nothing else. */
export type Consumer = Readonly<{ tarball: Uint8Array; app: string; pkgDir: string }>

/** What a package brings along, by its own word. */
export const dependenciesOf = (pkgDir: string): readonly string[] => {
  const text = readFileSync(join(pkgDir, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
  return Object.keys(dependencies)
}

const own = join(projectRoot, 'node_modules')

/** These packages and all that they bring along. */
export const closureOfPackages = (
  names: readonly string[],
  found = new Set<string>(),
): ReadonlySet<string> => {
  for (const name of names) {
    if (found.has(name)) continue
    found.add(name)
    closureOfPackages(dependenciesOf(join(own, name)), found)
  }
  return found
}

const install = (modules: string, names: readonly string[]): void => {
  for (const name of closureOfPackages(names)) {
    cpSync(join(own, name), join(modules, name), { recursive: true })
  }
}

const unpacked = (name: string, packedAt: string): Consumer => {
  const dir = mkdtempSync(join(tmpdir(), 'curfew-package-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  const pkgDir = join(dir, 'app', 'node_modules', name)
  mkdirSync(pkgDir, { recursive: true })
  execFileSync('tar', ['xzf', packedAt, '-C', pkgDir, '--strip=1'])
  const tarball = new Uint8Array(readFileSync(packedAt))
  return { tarball, app: join(dir, 'app'), pkgDir }
}

let guard: Promise<Consumer> | null = null

const installedGuard = async (): Promise<Consumer> => {
  const made = unpacked('curfew-guard', await packedGuard())
  install(join(made.app, 'node_modules'), dependenciesOf(made.pkgDir))
  return made
}

/**
 * The guard and what its package.json names, as `npm install curfew-guard` leaves them. Unpacked
 * once: each claim reads it, and none changes what another one sees.
 */
export const guardConsumer = (): Promise<Consumer> => {
  guard ??= installedGuard()
  return guard
}

/** Packages that `npm ci --omit=dev` installs. */
const atRunTime = (): readonly string[] => {
  const text = readFileSync(join(own, '.package-lock.json'), 'utf8')
  const { packages } = JSON.parse(text) as {
    packages: Record<string, Readonly<{ dev?: boolean; link?: boolean }>>
  }
  return Object.entries(packages)
    .filter(([, { dev = false, link = false }]) => !dev && !link)
    .flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? [])
}

let service: Promise<Consumer> | null = null

const installedService = async (): Promise<Consumer> => {
  const made = unpacked('curfew', await packedService())
  const inner = join(made.pkgDir, 'node_modules')
  for (const name of atRunTime()) {
    mkdirSync(dirname(join(inner, name)), { recursive: true })
    symlinkSync(join(own, name), join(inner, name))
  }
  return made
}

/** The service among its dependencies, and nothing else. */
export const serviceConsumer = (): Promise<Consumer> => {
  service ??= installedService()
  return service
}

/** A copy of `app` with more packages; `app` itself stays as it is. */
export const alsoWith = (app: string, packages: readonly string[]): string => {
  const copy = `${app}-with-${packages.join('-')}`
  cpSync(app, copy, { recursive: true })
  install(join(copy, 'node_modules'), packages)
  return copy
}
