import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { openKeyFiles } from '../../../shared/tokens/key-rings/key-files.ts'
import { filesIn, mountSecret } from '../../support/fakes/mounted-secret.ts'
import { notRun } from '../../support/not-run.ts'
import {
  awaitReady,
  curfew,
  type Process,
  startProcess,
} from '../../support/processes/processes.ts'
import { projectRoot } from '../../support/project-files.ts'
import { stranger, volumeGroup } from '../../support/requests/as-user.ts'
import { freePort, onPath } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'

/*
 * A container as a platform starts it: no file system can be written to but one volume, none of it
 * is /tmp, the user has no name, and the keys are a Secret of root, mounted read-only.
 */
const script = `
set -e
mount --make-rprivate /
# A clone below /tmp is kept where it is.
mount --bind "$ROOT" /mnt
mount -t tmpfs -o mode=1777 none /tmp
mkdir -p "$ROOT"
mount --move /mnt "$ROOT"
mount -o remount,ro /tmp
for dir in "$VOLUME" "$SECRET"; do mount --bind "$dir" "$dir"; done
mount -o remount,bind,ro "$SECRET"
mount -o remount,bind,ro /
cd "$ROOT"
exec setpriv --reuid ${stranger.uid} --regid ${stranger.gid} --groups ${volumeGroup} "$@"
`

type Container = Readonly<{ volume: string; secret: string }>

/** Not below /tmp, which is another one inside. */
const folder = async (): Promise<string> => {
  const home = join(projectRoot, '.servers')
  await mkdir(home, { recursive: true })
  return mkdtemp(join(home, 'container-'))
}

const inContainer = async (work: (container: Container) => Promise<void>): Promise<void> => {
  const dir = await folder()
  const keys = await mkdtemp(join(tmpdir(), 'curfew-keys-'))
  try {
    await openKeyFiles({ dir: keys, entropy: systemEntropy })
    const secret = join(dir, 'secret')
    await mountSecret(secret, await filesIn(keys), { gid: volumeGroup })
    // As the root of a Secret's mount: nobody can write there, since it is mounted read-only.
    await chmod(secret, 0o1777)
    const volume = join(dir, 'volume')
    await mkdir(volume)
    await chown(volume, 0, volumeGroup)
    await chmod(volume, 0o2770)
    await chmod(dir, 0o755)
    await work({ volume, secret })
  } finally {
    await rm(dir, { recursive: true, force: true })
    await rm(keys, { recursive: true, force: true })
  }
}

const started = async (
  { volume, secret }: Container,
  env: Readonly<Record<string, string>> = {},
): Promise<Process & Readonly<{ url: string }>> => {
  const port = String(await freePort())
  const settings = {
    VOLUME: volume,
    SECRET: secret,
    ROOT: projectRoot,
    CURFEW_PORT: port,
    CURFEW_PUBLIC_URL: `http://localhost:${port}`,
    CURFEW_DATA_DIR: join(volume, 'data'),
    CURFEW_KEYS_DIR: secret,
    CURFEW_KEYS_GROUP_ACCESS: 'read',
    CURFEW_SERVICE_CLIENTS: 'desk:a-secret-of-the-tests:receive',
    ...env,
  }
  const through = ['unshare', '-m', 'sh', '-c', script, 'sh']
  const member = startProcess({ name: 'gateway', args: curfew('gateway'), env: settings, through })
  return { ...member, url: `http://127.0.0.1:${port}` }
}

/** One line with a code, and nothing of a stack. */
const toldShortly = async (process: Process, pattern: RegExp): Promise<void> => {
  const { code } = await process.ended
  const text = process.output()
  assert.ok(code === 1 || code === 75, text)
  assert.match(text, pattern)
  assert.not.match(text, /\n\s+at |node:internal/)
}

const claimsOfContainer = {
  'a gateway runs with one volume and a Secret, and stops with 0': () =>
    inContainer(async (container) => {
      const gateway = await started(container, { CURFEW_DRAIN: '0' })
      await awaitReady(gateway, [gateway.url])
      // The keys that sign for receivers are not in the Secret.
      const answer = await fetch(`${gateway.url}/ssf/streams`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('desk:a-secret-of-the-tests').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: '{}',
      })
      const body = (await answer.json()) as { code?: string }
      assert.equal([answer.status, body.code], [501, 'keys_read_only'], JSON.stringify(body))
      assert.is((await gateway.stop()).code, 0, gateway.output())
      assert.not.match(gateway.output(), /\n\s+at /)
    }),
  'what is missing is told in a line with a code': () =>
    inContainer(async (container) => {
      const nowhere = { CURFEW_DATA_DIR: join(projectRoot, 'data-of-nobody') }
      await toldShortly(await started(container, nowhere), /STORE_UNAVAILABLE.*can write to/)
      const noKeys = { CURFEW_KEYS_DIR: join(container.secret, 'keys') }
      await toldShortly(await started(container, noKeys), /KEYS_READ_ONLY.*curfew keys make/)
      const noGroup = { CURFEW_KEYS_GROUP_ACCESS: 'none' }
      const refused = /KEYS_INVALID.*CURFEW_KEYS_GROUP_ACCESS=read/
      await toldShortly(await started(container, noGroup), refused)
    }),
}

/** Mounts need root and a kernel that lets it; the sources must be readable for a stranger. */
const canContain = async (): Promise<boolean> => {
  if (!(await onPath('unshare')) || !(await onPath('setpriv'))) return false
  const line = `mount --make-rprivate / && exec setpriv --reuid ${stranger.uid} --clear-groups cat`
  const file = join(projectRoot, 'package.json')
  return spawnSync('unshare', ['-m', 'sh', '-c', `${line} ${file}`]).status === 0
}

if (await canContain()) claims('in a read-only container without /tmp', claimsOfContainer)
else notRun('in a read-only container without /tmp', 'only root can mount')
