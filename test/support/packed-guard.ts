import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from './import-graph.ts'
import { packedTarball } from './packed-tarball.ts'

/** What `npm publish` would send, unpacked beside nothing but jsonwebtoken and what it needs. */
export type Consumer = Readonly<{ tarball: Uint8Array; app: string; pkgDir: string }>

const needs = (name: string): readonly string[] => {
  const text = readFileSync(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
  return Object.keys(dependencies)
}

const closureOf = (name: string, found = new Set<string>()): Set<string> => {
  if (found.has(name)) return found
  found.add(name)
  for (const needed of needs(name)) closureOf(needed, found)
  return found
}

const install = (modules: string, name: string): void => {
  for (const needed of closureOf(name)) {
    cpSync(join(projectRoot, 'node_modules', needed), join(modules, needed), { recursive: true })
  }
}

let packed: Consumer | null = null

/** Unpacked once: each claim reads it, and none changes what another one sees. */
export const consumer = (): Consumer => {
  if (packed) return packed
  const dir = mkdtempSync(join(tmpdir(), 'curfew-package-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  const packedAt = packedTarball()
  const modules = join(dir, 'app', 'node_modules')
  mkdirSync(join(modules, 'curfew'), { recursive: true })
  execFileSync('tar', ['xzf', packedAt, '-C', join(modules, 'curfew'), '--strip=1'])
  install(modules, 'jsonwebtoken')
  const tarball = new Uint8Array(readFileSync(packedAt))
  packed = { tarball, app: join(dir, 'app'), pkgDir: join(modules, 'curfew') }
  return packed
}

/** A copy of `app` with more packages; `app` itself stays as it is. */
export const alsoWith = (app: string, packages: readonly string[]): string => {
  const copy = `${app}-with-${packages.join('-')}`
  cpSync(app, copy, { recursive: true })
  for (const name of packages) install(join(copy, 'node_modules'), name)
  return copy
}
