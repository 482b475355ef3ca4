import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addLife,
  checkpointFile,
  livesOf,
  openTrailFiles,
  readMinimumIndex,
  treeFolder,
  verifierKeysFile,
} from '../../services/auditor/files/index.ts'
import { verifyTrail } from '../../services/auditor/verification/index.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import { noteVerifier, parseVerifierKey } from '../../shared/tlog/note-key.ts'
import type { NoteVerifier } from '../../shared/tlog/signed-note.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { noon } from '../support/fakes/builders.ts'
import { Dice } from '../support/fakes/dice.ts'
import { type Fleet, withFleet } from '../support/processes/fleet.ts'
import { findNewerPython } from '../support/processes/newer-python.ts'
import { findTool } from '../support/processes/tools.ts'
import { filled, makeClone, printedBy } from '../support/requests/page-shell.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { host, logId, recordAt, recordsOf, ring, trailOf } from '../support/trail/drawn-trail.ts'
import { flipped, tampersOf } from '../support/trail/file-tampers.ts'
import { retained, retainingParts } from '../support/trail/retained-trail.ts'
import { liveUntilSigned, signedSize } from '../support/trail/rotated-trail.ts'
import { until } from '../support/until.ts'

const page = 'docs/audit.md'
/** Of the made trail that is pruned. */
const size = 66_000
/** Of the one that real logins make. */
const eventsOfLife = 100_000
const commandMs = 290_000

type Site = Readonly<{ dir: string; log: string; env: NodeJS.ProcessEnv }>

const trailIn = async (dir: string): Promise<Site> => {
  const trail = join(dir, 'trail')
  const files = openTrailFiles(trail)
  addLife(files, logId)
  await trailOf(files, recordsOf(0, size), { batch: 11_000 })
  writeFileSync(join(dir, 'trail.vkey'), `${ring.verifierKeys(host)[0]}\n`)
  const log = join(trail, treeFolder(logId, 0))
  return { dir, log, env: { ...process.env, LOG: log } }
}

/** How a block ends, as a shell runs it, and what it printed. */
const typed = (
  { dir, env }: Site,
  block: string,
): Promise<Readonly<{ ok: boolean; out: string }>> =>
  new Promise((resolve) => {
    const options = { cwd: dir, env, timeout: commandMs }
    execFile('sh', ['-ec', block], options, (error, stdout, stderr) =>
      resolve({ ok: error === null, out: stdout + stderr }),
    )
  })

type Verifier = Readonly<{
  name: string
  accepts: (site: Site) => Promise<boolean>
  out: () => string
}>

/** The last line of a block verifies; those before it install. */
const verifierOf = async (name: string, site: Site, block: string): Promise<Verifier> => {
  const lines = namedBlock(page, block).trimEnd().split('\n')
  const installed = await typed(site, lines.slice(0, -1).join('\n'))
  assert.ok(installed.ok, `${name}: ${installed.out}`)
  let out = ''
  const accepts = async (where: Site): Promise<boolean> => {
    const said = await typed(where, lines.at(-1) ?? '')
    out = said.out
    return said.ok
  }
  return { name, accepts, out: () => out }
}

const inFolder = (site: Site, name: string): Site => {
  const dir = join(site.dir, name)
  mkdirSync(dir)
  writeFileSync(join(dir, 'trail.vkey'), readFileSync(join(site.dir, 'trail.vkey')))
  return { ...site, dir }
}

const outsiders = async (site: Site): Promise<readonly Verifier[]> => {
  const found: Verifier[] = []
  if ((await findTool('go', 'the verifiers in Go of the trail')) !== null) {
    const own = inFolder(site, 'go')
    writeFileSync(join(own.dir, 'verify.go'), namedBlock(page, 'verify-go'))
    const go = await verifierOf('go', own, 'go')
    found.push({ ...go, accepts: () => go.accepts(own) }, await verifierOf('fsck', site, 'fsck'))
  }
  const python = await findNewerPython('the verifier in Python of the trail')
  if (python !== null) {
    const own = inFolder(site, 'python')
    symlinkSync(await realPath(python), join(own.dir, 'python3'))
    const env = { ...own.env, PATH: `${own.dir}:${process.env['PATH']}` }
    const aics = await verifierOf('aics', { ...own, env }, 'python')
    found.push({ ...aics, accepts: () => aics.accepts({ ...own, env }) })
  }
  return found
}

const realPath = (python: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = ['-c', 'import sys; print(sys.executable)']
    execFile(python, asked, (error, out) => (error ? reject(error) : resolve(out.trim())))
  })

type RealTrail = Readonly<{ site: Site; dir: string; size: number; known: readonly NoteVerifier[] }>

/** Of logins, refreshes and logouts at `curfew start`, which is stopped then. */
const realTrail = async (fleet: Fleet): Promise<RealTrail> => {
  const curfew = await fleet.everything({ CURFEW_LOG_LEVEL: 'warn' })
  const dir = join(fleet.dir, 'trail')
  const files = openTrailFiles(dir)
  await until('a life has begun', () => files.read(verifierKeysFile) !== null)
  const key = String(files.read(verifierKeysFile)).trimEnd()
  const known = [noteVerifier(parseVerifierKey(key))]
  await until('a life is listed', () => livesOf(files).length > 0)
  const folder = treeFolder(livesOf(files)[0] ?? '', 0)
  const signed = (): number => signedSize(files.read(join(folder, checkpointFile)), known)
  const size = await liveUntilSigned(fleet, curfew, eventsOfLife, signed)
  writeFileSync(join(fleet.dir, 'trail.vkey'), `${key}\n`)
  const log = join(dir, folder)
  return { site: { dir: fleet.dir, log, env: { ...process.env, LOG: log } }, dir, size, known }
}

claims('who verifies a trail, as docs/audit.md prints it', {
  '100,000 events of real logins are accepted by all, and each change is noticed as written': () =>
    withFleet(null, async (fleet) => {
      const { site, dir, size, known } = await realTrail(fleet)
      assert.ok(size >= eventsOfLife)
      const verifiers = await outsiders(site)
      for (const { name, accepts, out } of verifiers) {
        assert.ok(await accepts(site), `${name} refuses what nobody touched: ${out()}`)
      }
      for (const tamper of tampersOf(size, new Dice(`tampers ${size}`))) {
        const { what, path, change, go, place, unnoticedBy } = tamper
        const file = join(site.log, path)
        const before = readFileSync(file)
        writeFileSync(file, change(Buffer.from(before)))
        for (const { name, accepts, out } of verifiers) {
          const isAccepted = await accepts(site)
          const said = `${name}, ${what} in ${path} of ${size}: ${out()}`
          assert.is(isAccepted, unnoticedBy.includes(name), said)
          if (name === 'go') assert.match(out(), go, said)
        }
        const { findings } = await verifyTrail({ files: openTrailFiles(dir), known })
        const named = findings.some((one) => String(one.index) === place || one.path === place)
        assert.ok(named, `${what}: ${place} is not named`)
        writeFileSync(file, before)
      }
    }),

  'a pruned trail is accepted by whom the page says, and each change of what stays is noticed':
    () =>
      inTempFolder('trail', async (dir) => {
        const site = await trailIn(dir)
        const verifiers = await outsiders(site)
        const files = openTrailFiles(join(dir, 'trail'))
        await retained(retainingParts(files), { before: (noon + 50_000) as EpochMs })
        assert.ok(readMinimumIndex(files, treeFolder(logId, 0)) > 40_000)
        for (const { name, accepts, out } of verifiers) {
          assert.is(await accepts(site), name !== 'fsck', `${name}: ${out()}`)
        }
        const go = verifiers.find(({ name }) => name === 'go')
        for (const path of ['tile/entries/250', 'tile/0/250', 'tile/1/000']) {
          const file = join(site.log, path)
          const before = readFileSync(file)
          writeFileSync(file, flipped(before.length - 9)(Buffer.from(before)))
          if (go) assert.is(await go.accepts(site), false, path)
          const { count } = await verifyTrail({ files, known: ring.verifiers(host) })
          assert.ok(count > 0, path)
          writeFileSync(file, before)
        }
      }),

  'with Curfew: the key is pinned, the trail verified, and a receipt made and checked': () =>
    inTempFolder('page', async (dir) => {
      makeClone(dir)
      const files = openTrailFiles(join(dir, 'data/trail'))
      addLife(files, logId)
      await trailOf(files, recordsOf(0, 300))
      writeFileSync(join(dir, 'data/trail/verifier-keys'), `${ring.verifierKeys(host)[0]}\n`)
      const event = recordAt(7).headers['ce_id'] ?? ''
      const shell = { dir, env: { EVENT: event } }
      await printedBy(shell, namedBlock(page, 'pin'))
      assert.match(await printedBy(shell, namedBlock(page, 'verify')), 'all is as it was signed')
      const printed = await printedBy(shell, filled(namedBlock(page, 'receipt'), {}))
      assert.is((JSON.parse(printed.split('\n')[0] ?? '') as { id: string }).id, event)
    }),
})
