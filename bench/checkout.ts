import { cp, mkdir, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Closable } from '../shared/kernel/lifecycle.ts'
import { runIn } from './peers/run-in.ts'
import { say } from './say.ts'

/** Another commit of this repository in a folder of its own. */
export type Checkout = Closable & Readonly<{ path: string; commit: string }>

const git = async (root: string, ...args: readonly string[]): Promise<string> =>
  (await runIn({ cwd: root, timeoutMs: 120_000 }, 'git', args)).trim()

/**
 * Links to each installed package. A package of the repository itself (a workspace) is that of the
 * other commit.
 */
const linkPackages = async (root: string, path: string): Promise<void> => {
  const modules = join(path, 'node_modules')
  await mkdir(modules)
  for (const name of await readdir(join(root, 'node_modules'))) {
    const real = await realpath(join(root, 'node_modules', name))
    const inside = relative(await realpath(root), real)
    const isOwn = !inside.startsWith('..') && !inside.split(sep).includes('node_modules')
    await symlink(isOwn ? join(path, inside) : real, join(modules, name))
  }
}

const installPackages = async (root: string, path: string): Promise<void> => {
  const locks = [root, path].map((folder) => readFile(join(folder, 'package-lock.json'), 'utf8'))
  const [own, other] = await Promise.all(locks)
  if (own === other) return linkPackages(root, path)
  say('its package-lock.json is another: npm ci')
  await runIn({ cwd: path, timeoutMs: 600_000 }, 'npm', ['ci', '--ignore-scripts'])
}

/** The same scripts measure both: this checkout's bench is laid over the other's. */
const layBench = async (root: string, path: string): Promise<void> => {
  for (const folder of ['bench', 'test/support']) {
    await rm(join(path, folder), { recursive: true, force: true })
    await cp(join(root, folder), join(path, folder), { recursive: true })
  }
}

/** @throws Error for a commit that git does not know. */
export const checkoutOf = async (root: string, ref: string, path: string): Promise<Checkout> => {
  const commit = await git(root, 'rev-parse', '--verify', '--short=12', `${ref}^{commit}`)
  // One that was stopped half way left its entry behind.
  await git(root, 'worktree', 'prune')
  await git(root, 'worktree', 'add', '--detach', path, commit)
  const close = async (): Promise<void> => {
    await git(root, 'worktree', 'remove', '--force', path)
  }
  try {
    await installPackages(root, path)
    await layBench(root, path)
  } catch (error) {
    await close()
    throw error
  }
  return { path, commit, close }
}
