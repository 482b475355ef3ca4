import { createHash, generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addLife, type TrailFiles } from '../../../services/auditor/files/index.ts'
import {
  keepDurably,
  parseWitness,
  WitnessRounds,
} from '../../../services/auditor/witnesses/index.ts'
import { KnownLogs, Witness } from '../../../services/witness/witness.ts'

import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbWitnessedHeads } from '../../../shared/adapters/lmdb/registries/witnessed-heads.ts'
import type { Fetch } from '../../../shared/kernel/http/bounded-fetch.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import { noteVerifier, publicBytesOf, verifierKey } from '../../../shared/tlog/note-key.ts'
import { parseNote, signatureLine, verifyNote } from '../../../shared/tlog/signed-note.ts'
import { type FakeClock, fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { host, logId, recordAt, recordsOf, ring, trailOf } from '../../support/trail/drawn-trail.ts'

const key = generateKeyPairSync('ed25519').privateKey
const name = 'witness.example/w1'
const witnessKey = { name, kind: 'witness', publicBytes: publicBytesOf(key) } as const
const cosigner = noteVerifier(witnessKey)
const asked = parseWitness(`${verifierKey(witnessKey)} https://witness.example/sub/`)
const statuses = { unknown_log: 404, unsigned: 403, inconsistent: 422, other_root: 422 } as const

/** A witness behind a `fetch`, as its server answers. */
const fetchOf =
  (witness: Witness): Fetch =>
  async (url, init) => {
    const shown = /^https:\/\/witness\.example\/sub\/([0-9a-f]{64})\/checkpoint$/.exec(String(url))
    if (shown) {
      const note = await witness.latest(shown[1] ?? '')
      return new Response(note, { status: note === null ? 404 : 200 })
    }
    assert.is(String(url), 'https://witness.example/sub/add-checkpoint')
    const answer = await witness.add(Buffer.from(init?.body as Uint8Array))
    if (answer.outcome === 'cosigned') return new Response(signatureLine(answer.signature))
    if (answer.outcome === 'old_size') {
      const headers = { 'content-type': 'text/x.tlog.size' }
      return new Response(`${answer.size}\n`, { status: 409, headers })
    }
    const status = statuses[answer.outcome as keyof typeof statuses] ?? 400
    return new Response(answer.outcome, { status })
  }

type World = Readonly<{ fetch: Fetch; clock: FakeClock }>

const withWitness = (work: (world: World) => Promise<void>): Promise<void> =>
  inTempFolder('rounds', async (path) => {
    const clock = fakeClock()
    const env = await openLmdb({ path, clock, logger })
    try {
      const logs = new KnownLogs(ring.verifierKeys(host))
      const heads = lmdbWitnessedHeads(env)
      await work({ fetch: fetchOf(new Witness({ name, key, logs, heads, clock })), clock })
    } finally {
      await env.close()
    }
  })

/** Whatever would wait for the disk in this thread ends a round. */
const readOnly = (files: CrashingFiles): TrailFiles => {
  const waits = (): never => {
    throw new Error('it waits for the disk')
  }
  const [write, replace, append, sync, remove] = [waits, waits, waits, waits, waits]
  const forget = waits
  const read = (path: string) => files.read(path)
  const names = (folder: string) => files.names(folder)
  return { read, names, write, replace, append, sync, remove, forget }
}

const roundsOver = (files: CrashingFiles, { fetch, clock }: World): WitnessRounds =>
  new WitnessRounds({
    files: readOnly(files),
    keep: async (path, bytes) => files.replace(path, bytes),
    ...{ witnesses: [asked], fetch, clock, logger, meter: new Meter() },
  })

const trailOver = async (files: CrashingFiles, count: number): Promise<CrashingFiles> => {
  if (!files.read('lives')) addLife(files, logId)
  await trailOf(files, recordsOf(0, count), { batch: 10 })
  return files
}

const witnessedSize = (files: CrashingFiles): number => {
  const bytes = files.read(`${logId}/heads/witnessed`)
  if (!bytes) return 0
  const note = parseNote(bytes)
  assert.equal(verifyNote(note, [cosigner]), [cosigner])
  assert.equal(verifyNote(note, ring.verifiers(host)).length, 1)
  return Number(note.text.split('\n')[1])
}

claims('an auditor that asks witnesses', {
  'has each head cosigned, also after a restart, and keeps the signatures': () =>
    withWitness(async (world) => {
      const files = new CrashingFiles()
      await roundsOver(files, world).round()
      assert.is(witnessedSize(files), 0, 'nothing is signed yet')
      const sizes: number[] = []
      for (const count of [20, 100, 100, 730]) {
        await trailOver(files, count)
        const rounds = roundsOver(files, world)
        await rounds.round()
        await rounds.round()
        assert.is(rounds.health().standing, 'ok')
        sizes.push(witnessedSize(files))
      }
      assert.ok(sizes.every((size, index) => index === 0 || size > (sizes[index - 1] ?? 0)))
    }),

  'is told by the witness that its trail was put back, or is another past': () =>
    withWitness(async (world) => {
      const files = await trailOver(new CrashingFiles(), 50)
      const older = new Map(files.disk)
      await trailOver(files, 300)
      await roundsOver(files, world).round()
      const seen = witnessedSize(files)
      const putBack = new CrashingFiles(older)
      const forged = new CrashingFiles()
      addLife(forged, logId)
      const others = [...recordsOf(0, 299), { ...recordAt(299), key: 'somebody else' }]
      await trailOf(forged, [...others, ...recordsOf(300, 900)], { batch: 7 })
      for (const past of [putBack, forged]) {
        const rounds = roundsOver(past, world)
        await rounds.round()
        const { standing, state } = rounds.health()
        assert.is(standing, 'degraded')
        assert.match(state, /another past/)
        assert.is(witnessedSize(past), 0)
      }
      const rounds = roundsOver(files, world)
      await rounds.round()
      assert.is(rounds.health().standing, 'ok')
      assert.is(witnessedSize(files), seen)
    }),

  'is disowned by what a witness shows alone, and not by a refusal': () =>
    withWitness(async (world) => {
      const files = await trailOver(new CrashingFiles(), 50)
      const refusals: Response[] = []
      const refusing =
        (shown: () => Promise<Response>, status: number): Fetch =>
        async (url) => {
          if (String(url).endsWith('/checkpoint')) return shown()
          const headers = { 'content-type': 'text/x.tlog.size' }
          const refused = new Response('9000000\n', { status, headers })
          refusals.push(refused)
          return refused
        }
      const root = Buffer.alloc(32, 1).toString('base64')
      const stranger = `${host}/${logId}/heads\n9000000\n${root}\n`
      const unsigned = `${stranger}\n— ${name} ${Buffer.alloc(76, 1).toString('base64')}\n`
      const log = createHash('sha256').update(`${host}/${logId}/heads`).digest('hex')
      const cosigned = async () => world.fetch(`https://witness.example/sub/${log}/checkpoint`)
      await roundsOver(files, world).round()
      const answers = [
        async () => new Response('', { status: 404 }),
        async () => new Response('nonsense'),
        async () => new Response(unsigned),
        cosigned,
      ]
      for (const status of [422, 409]) {
        for (const shown of answers) {
          const rounds = roundsOver(files, { ...world, fetch: refusing(shown, status) })
          await rounds.round()
          assert.is(rounds.health().standing, 'ok')
          await world.clock.advance(61_000)
          assert.match(rounds.health().state, 'no new cosignature')
        }
      }
      assert.is(refusals.length, 8)
    }),

  'damage of its own tiles is no other past': () =>
    withWitness(async (world) => {
      const files = await trailOver(new CrashingFiles(), 50)
      await roundsOver(files, world).round()
      await trailOver(files, 300)
      const tiles = [...files.disk].filter(([path]) => path.includes('/heads/tile/0/'))
      assert.ok(tiles.length > 0)
      for (const [path, bytes] of tiles) files.disk.set(path, Buffer.alloc(bytes.length, 7))
      const rounds = roundsOver(files, world)
      await rounds.round()
      assert.is(rounds.health().standing, 'ok')
    }),

  'believes no answer that is none, and says which witness is late': () =>
    withWitness(async (world) => {
      const files = await trailOver(new CrashingFiles(), 20)
      const stranger = `— ${name} ${Buffer.alloc(76, 1).toString('base64')}\n`
      const answers: (() => Response)[] = [
        () => new Response('— nobody\n'),
        () => new Response(stranger),
        () => new Response(''),
        () => new Response('7', { status: 409 }),
        () => new Response('5\n', { status: 409, headers: { 'content-type': 'text/plain' } }),
        () => new Response('', { status: 500 }),
        () => Response.error(),
      ]
      for (const answer of answers) {
        const rounds = roundsOver(files, { ...world, fetch: async () => answer() })
        await rounds.round()
        assert.is(witnessedSize(files), 0)
        assert.is(rounds.health().standing, 'ok', 'not yet')
        await world.clock.advance(61_000)
        assert.match(rounds.health().state, new RegExp(`no new cosignature of ${name}`))
      }
    }),

  'keeps what was cosigned whole and durable, without a wait of the thread': () =>
    inTempFolder('kept', async (dir) => {
      const path = join(dir, 'witnessed')
      const elsewhere = join(dir, 'elsewhere')
      writeFileSync(elsewhere, 'mine')
      symlinkSync(elsewhere, `${path}.new`)
      for (const [access, mode] of [
        ['none', 0o600],
        ['read', 0o640],
      ] as const) {
        await keepDurably(dir, access)('witnessed', Buffer.from(access))
        assert.is(readFileSync(path, 'utf8'), access)
        assert.is(statSync(path).mode & 0o777, mode)
      }
      assert.is(readFileSync(elsewhere, 'utf8'), 'mine')
      assert.equal(readdirSync(dir).sort(), ['elsewhere', 'witnessed'])
    }),
})
