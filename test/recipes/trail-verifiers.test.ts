import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addLife,
  openTrailFiles,
  readMinimumIndex,
  treeFolder,
} from '../../services/auditor/files/index.ts'
import { leafOf } from '../../services/auditor/leaves/index.ts'
import { verifyTrail } from '../../services/auditor/verification/index.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import { encodeEntry, entriesIn } from '../../shared/tlog/entry-bundle.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { noon } from '../support/fakes/builders.ts'
import { findNewerPython } from '../support/processes/newer-python.ts'
import { findTool } from '../support/processes/tools.ts'
import { filled, makeClone, printedBy } from '../support/requests/page-shell.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { host, logId, recordAt, recordsOf, ring, trailOf } from '../support/trail/drawn-trail.ts'
import { retained, retainingParts } from '../support/trail/retained-trail.ts'

const page = 'docs/audit.md'
const size = 66_000
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

type Tamper = Readonly<{
  what: string
  path: string
  change: (bytes: Buffer) => Buffer
  /** What the program in Go says, and the leaf or the file that Curfew names. */
  go: string
  place: string
  unnoticedBy: readonly string[]
}>

const flipped = (at: number) => (bytes: Buffer) => {
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
const entriesOf = (change: (entries: Buffer[]) => Buffer[]) => (bytes: Buffer) =>
  Buffer.concat(change([...(entriesIn(bytes) ?? [])]).map((entry) => encodeEntry(entry)))
const strange = leafOf(logId, { ...recordAt(300), key: 'somebody else' }).bytes

const bundle = 'tile/entries/001'
const entry = { path: bundle, unnoticedBy: ['aics'] } as const
const tampers: readonly Tamper[] = [
  { ...entry, what: 'a letter of an entry', change: flipped(400), go: 'entry 256', place: '256' },
  {
    ...{ ...entry, what: 'an entry changed', go: 'entry 300', place: '300' },
    change: entriesOf((all) => all.with(44, strange)),
  },
  {
    ...{ ...entry, what: 'an entry dropped', go: 'entry 300', place: '300' },
    change: entriesOf((all) => all.toSpliced(44, 1)),
  },
  {
    ...{ ...entry, what: 'an entry inserted', go: 'entry 300', place: '301' },
    change: entriesOf((all) => all.toSpliced(44, 0, strange)),
  },
  {
    ...{ ...entry, what: 'two entries swapped', go: 'entry 300', place: '300' },
    change: entriesOf((all) => all.with(44, all[45] ?? strange).with(45, all[44] ?? strange)),
  },
  {
    ...{ ...entry, what: 'a bundle cut off', go: 'ends within entry', place: 'tile/entries/001' },
    change: (bytes) => bytes.subarray(0, 5_000),
  },
  {
    ...{ what: 'a hash', path: 'tile/0/001', go: 'the hashes of 256', place: 'tile/0/001' },
    ...{ change: flipped(99), unnoticedBy: ['aics'] },
  },
  {
    ...{ what: 'a hash above', path: 'tile/1/000', go: 'the hashes of', place: 'tile/1/000' },
    ...{ change: flipped(99), unnoticedBy: ['aics'] },
  },
  {
    ...{ what: 'a newest hash', path: 'tile/0/257.p/208', go: 'the hashes of', unnoticedBy: [] },
    ...{ change: flipped(99), place: 'tile/0/257.p/208' },
  },
  {
    ...{ what: 'the size', path: 'checkpoint', go: 'the checkpoint', place: 'checkpoint' },
    change: (bytes) => Buffer.from(bytes.toString().replace('\n66000\n', '\n65999\n')),
    unnoticedBy: [],
  },
]

claims('who verifies a trail, as docs/audit.md prints it', {
  'an intact trail is accepted by all, and each change is noticed by whom the page says': () =>
    inTempFolder('trail', async (dir) => {
      const site = await trailIn(dir)
      const verifiers = await outsiders(site)
      for (const { name, accepts, out } of verifiers) {
        assert.ok(await accepts(site), `${name} refuses what nobody touched: ${out()}`)
      }
      for (const { what, path, change, go, place, unnoticedBy } of tampers) {
        const file = join(site.log, path)
        const before = readFileSync(file)
        writeFileSync(file, change(Buffer.from(before)))
        for (const { name, accepts, out } of verifiers) {
          const isAccepted = await accepts(site)
          assert.is(isAccepted, unnoticedBy.includes(name), `${name}, ${what}: ${out()}`)
          if (name === 'go') assert.match(out(), go, `${what}: ${out()}`)
        }
        const files = openTrailFiles(join(dir, 'trail'))
        const { findings } = await verifyTrail({ files, known: ring.verifiers(host) })
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
