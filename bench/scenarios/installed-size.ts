import { execFileSync } from 'node:child_process'
import { cp, lstat, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { packedService } from '../../test/support/packages/packed-tarball.ts'
import { projectRoot } from '../../test/support/project-files.ts'
import { runIn } from '../peers/run-in.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { paragraph } from '../support/paragraph.ts'
import { tempFolder } from '../support/temp-folder.ts'

const megabytesMax = 45
const packagesMax = 80

const bytesBelow = async (path: string): Promise<number> => {
  const found = await lstat(path)
  if (!found.isDirectory()) return found.size
  let bytes = 0
  for (const name of await readdir(path)) bytes += await bytesBelow(join(path, name))
  return bytes
}

/** Packages that npm installed: without links to folders of the package itself. */
const packageCount = async (folder: string): Promise<number> => {
  const text = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8')
  const { packages } = JSON.parse(text) as { packages: Record<string, { link?: boolean }> }
  return Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  ).length
}

/** The tarball, with the lock that it was tested with, installed as a server installs it. */
const installed = async ({ parts }: Bench): Promise<string> => {
  const { path } = await parts.use(await tempFolder())
  const tarball = await packedService()
  execFileSync('tar', ['xzf', tarball, '-C', path, '--strip=1'])
  await rm(join(path, 'node_modules'), { recursive: true, force: true })
  // In the repository the guard’s package is a folder that npm links; the tarball bundles it.
  for (const name of ['package-lock.json', 'shared/curfew-guard']) {
    await cp(join(projectRoot, name), join(path, name), { recursive: true })
  }
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund']
  await runIn({ cwd: path, timeoutMs: 300_000 }, 'npm', args)
  return path
}

const measure = async (bench: Bench): Promise<Finding> => {
  const path = await installed(bench)
  const megabytes = (await bytesBelow(path)) / 1e6
  const modules = (await bytesBelow(join(path, 'node_modules'))) / 1e6
  const packages = await packageCount(path)
  bench.say(`${megabytes.toFixed(1)} MB, ${packages} packages`)
  return {
    rows: [
      {
        ...{ measure: 'installed size', unit: 'MB', repeats: [megabytes] },
        ...{ target: { atMost: megabytesMax }, command: 'installed size' },
      },
      { measure: '— of it, packages that it needs', unit: 'MB', repeats: [modules] },
      {
        ...{ measure: 'packages at run time', unit: 'packages', repeats: [packages] },
        ...{ target: { atMost: packagesMax }, command: 'packages at run time' },
      },
    ],
    notes: [
      paragraph(
        'The tarball of `npm pack`, unpacked, with the lock of the repository and',
        '`npm ci --omit=dev --ignore-scripts`. The size is the sum of the sizes of the files;',
        'packages that are for other processors and systems are not installed.',
      ),
    ],
  }
}

export const installedSize: Scenario = {
  name: 'installed-size',
  claim: `Installed, Curfew takes at most ${megabytesMax} MB and ${packagesMax} packages.`,
  needs: [],
  measure,
}
