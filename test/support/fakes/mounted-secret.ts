import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'

export type MountedSecret = Readonly<{
  dir: string
  /** As the kubelet does it: a new folder, then `..data` is another link, in one step. */
  change(files: Readonly<Record<string, string>>): Promise<void>
}>

/**
 * A Secret as Kubernetes mounts it: `dir/name -> ..data/name`, `..data -> ..<time>`, files 0440 of
 * root and the volume's group.
 */
export const mountSecret = async (
  dir: string,
  files: Readonly<Record<string, string>>,
  { mode = 0o440, gid = 0 }: Readonly<{ mode?: number; gid?: number }> = {},
): Promise<MountedSecret> => {
  let generation = 0
  const write = async (content: Readonly<Record<string, string>>): Promise<void> => {
    generation += 1
    const name = `..2026_11_29_10_00_00.${generation}`
    await mkdir(join(dir, name), { recursive: true })
    for (const [file, text] of Object.entries(content)) {
      const path = join(dir, name, file)
      await writeFile(path, text)
      await chown(path, 0, gid)
      await chmod(path, mode)
      await symlink(join('..data', file), join(dir, file)).catch(() => {})
    }
    await symlink(name, join(dir, '..data_tmp'))
    await rename(join(dir, '..data_tmp'), join(dir, '..data'))
  }
  await mkdir(dir, { recursive: true })
  await chmod(dir, 0o755)
  await write(files)
  return { dir, change: write }
}

/** What `curfew keys make` left in `dir`, by name. */
export const filesIn = async (dir: string): Promise<Readonly<Record<string, string>>> => {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json'))
  const read = async (name: string) => [name, await readFile(join(dir, name), 'utf8')] as const
  return Object.fromEntries(await Promise.all(names.map(read)))
}
