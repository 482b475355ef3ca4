import { generateKeyPairSync } from 'node:crypto'
import Koa from 'koa'
import { KnownLogs, Witness } from '../../../services/witness/witness.ts'

import { WitnessServer } from '../../../services/witness/witness-server.ts'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbWitnessedHeads } from '../../../shared/adapters/lmdb/registries/witnessed-heads.ts'
import { listen } from '../../../shared/http/listen.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import { formatAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts'
import { checkpointText } from '../../../shared/tlog/checkpoint.ts'
import { consistencyProof, type MerkleProof } from '../../../shared/tlog/merkle-proof.ts'
import { publicBytesOf, signNote, verifierKey } from '../../../shared/tlog/note-key.ts'
import { formatNote } from '../../../shared/tlog/signed-note.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { heardLines } from '../../support/processes/heard-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { definedRoot, entryAt, treeOf } from '../../support/trail/drawn-trees.ts'

const key = generateKeyPairSync('ed25519').privateKey
const logName = 'auth.example/audit'
const log = verifierKey({ name: logName, kind: 'log', publicBytes: publicBytesOf(key) })
const junk = Buffer.alloc(32, 7)

type Sent = Readonly<{ size: number; oldSize: number; proof: MerkleProof; root?: Buffer }>
type World = Readonly<{
  send: (sent: Sent) => Promise<number>
  /** What was logged since the last look, as `level message`. */
  logged: () => readonly string[]
  metrics: () => Promise<string>
}>

const rootAt = (size: number): Buffer =>
  definedRoot(Array.from({ length: size }, (_, at) => entryAt(at)))

const withServer = (work: (world: World) => Promise<void>): Promise<void> =>
  inTempFolder('witness-server', async (path) => {
    const clock = fakeClock()
    const { lines, logger } = heardLines()
    const env = await openLmdb({ path, clock, logger })
    const heads = lmdbWitnessedHeads(env)
    const logs = new KnownLogs([log])
    const witness = new Witness({ name: 'w.example/1', key, logs, heads, clock })
    const meter = new Meter()
    const app = new Koa().use(new WitnessServer({ witness, logger, meter }).route())
    const server = await listen(app.callback(), { host: '127.0.0.1', port: 0 })
    const send = async ({ size, oldSize, proof, root = rootAt(size) }: Sent): Promise<number> => {
      const text = checkpointText({ origin: `${logName}/life/heads`, size, root })
      const note = formatNote({ text, signatures: [signNote(text, logName, key)] })
      const body = new Uint8Array(formatAddCheckpoint({ oldSize, proof, note }))
      return (await fetch(`${server.url}/add-checkpoint`, { method: 'POST', body })).status
    }
    const logged = () => lines.splice(0).map(({ level, message }) => `${level} ${message}`)
    try {
      await work({ send, logged, metrics: () => meter.text() })
    } finally {
      await server.close()
      await env.close()
    }
  })

claims('the server of a witness', {
  'accuses no log of what anybody can send': () =>
    withServer(async ({ send, logged, metrics }) => {
      assert.is(await send({ size: 7, oldSize: 0, proof: [] }), 200)
      const proof = await consistencyProof(treeOf(20).nodes, 7, 20)
      logged()
      for (const sent of [
        { size: 7, oldSize: 7, proof: [junk] },
        { size: 20, oldSize: 7, proof: [junk] },
        { size: 20, oldSize: 7, proof: [...proof, junk] },
      ]) {
        assert.is(await send(sent), 422)
      }
      const said = 'info a checkpoint came with a proof that does not lead to it'
      assert.equal(logged(), [said, said, said])
      assert.match(await metrics(), 'curfew_witness_answers_total{outcome="inconsistent"} 3')
      for (const sent of [
        { size: 7, oldSize: 8, proof: [] },
        { size: 20, oldSize: 0, proof: [] },
      ]) {
        await send(sent)
      }
      assert.equal(logged(), [])
      assert.is(await send({ size: 20, oldSize: 7, proof }), 200)
    }),

  'accuses a log of two roots of one size, and of an empty tree that is none': () =>
    withServer(async ({ send, logged }) => {
      const said = 'error a log signed a tree that is not the one that it showed'
      logged()
      assert.is(await send({ size: 0, oldSize: 0, proof: [], root: junk }), 422)
      assert.equal(logged(), [said])
      assert.is(await send({ size: 7, oldSize: 0, proof: [] }), 200)
      for (const proof of [[], [junk]]) {
        assert.is(await send({ size: 7, oldSize: 7, proof, root: junk }), 422)
        assert.equal(logged(), [said])
      }
    }),
})
