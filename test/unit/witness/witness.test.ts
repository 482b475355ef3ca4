import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { KnownLogs, Witness, type Witnessed } from '../../../services/witness/witness.ts'

import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbWitnessedHeads } from '../../../shared/adapters/lmdb/registries/witnessed-heads.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { WitnessedHeads } from '../../../shared/ports/witnessed-heads.ts'
import { formatAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts'
import { checkpointText, logHash } from '../../../shared/tlog/checkpoint.ts'

import { consistencyProof, type MerkleProof } from '../../../shared/tlog/merkle-proof.ts'
import {
  noteVerifier,
  publicBytesOf,
  signNote,
  verifierKey,
} from '../../../shared/tlog/note-key.ts'
import { formatNote, parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { definedRoot, entryAt, treeOf } from '../../support/trail/drawn-trees.ts'

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
const logKey = newKey()
const witnessKey = newKey()
const logName = 'auth.example/audit'
const origin = `${logName}/life/heads`
const witnessName = 'witness.example/w1'
const logVerifier = verifierKey({ name: logName, kind: 'log', publicBytes: publicBytesOf(logKey) })
const cosigner = noteVerifier({
  name: witnessName,
  kind: 'witness',
  publicBytes: publicBytesOf(witnessKey),
})

type Told = Readonly<{ size: number; oldSize: number; proof: MerkleProof; past?: number }>

/** A log of numbered entries; with a `past`, the entries from there up are others. */
const rootAt = (size: number, past = size): Buffer =>
  definedRoot(
    Array.from({ length: size }, (_, at) => (at < past ? entryAt(at) : entryAt(at + 1_000_000))),
  )
const proofOf = (oldSize: number, size: number): Promise<MerkleProof> =>
  consistencyProof(treeOf(size).nodes, oldSize, size)

const requestOf = (
  { size, oldSize, proof, past }: Told,
  { key = logKey, of = origin } = {},
): Buffer => {
  const text = checkpointText({ origin: of, size, root: rootAt(size, past) })
  const note = formatNote({ text, signatures: [signNote(text, logName, key)] })
  return formatAddCheckpoint({ oldSize, proof, note })
}

const witnessOver = (heads: WitnessedHeads): Witness =>
  new Witness({
    name: witnessName,
    key: witnessKey,
    logs: new KnownLogs([logVerifier]),
    heads,
    clock: fakeClock(),
  })

const withWitnesses = (work: (one: Witness, other: Witness) => Promise<void>): Promise<void> =>
  inTempFolder('witness', async (path) => {
    const open = () => openLmdb({ path, clock: fakeClock(), logger })
    const [env, same] = [await open(), await open()]
    try {
      await work(witnessOver(lmdbWitnessedHeads(env)), witnessOver(lmdbWitnessedHeads(same)))
    } finally {
      await env.close()
      await same.close()
    }
  })

const outcomeOf = async (answer: Promise<Witnessed>): Promise<string> => {
  const { outcome, ...more } = await answer
  return outcome === 'old_size' && 'size' in more ? `old_size ${more.size}` : outcome
}

claims('a witness', {
  'cosigns what goes on from all that it cosigned before, whatever is drawn': () =>
    withWitnesses(async (one, other) => {
      const dice = new Dice('witness')
      let known = 0
      for (let turn = 0; turn < 60; turn += 1) {
        const witness = dice.pick([one, other])
        const size = known + dice.below(40)
        const oldSize = dice.chance(80) ? known : dice.below(size + 1)
        const proof = await proofOf(oldSize, size)
        const isForked = known > 1 && dice.chance(25)
        const told = { size, oldSize, proof, ...(isForked && { past: dice.below(known) }) }
        const forked = size === known ? 'other_root' : 'inconsistent'
        const wanted = oldSize !== known ? `old_size ${known}` : isForked ? forked : 'cosigned'
        assert.is(await outcomeOf(witness.add(requestOf(told))), wanted, `turn ${turn}`)
        if (wanted === 'cosigned') known = size
      }
      assert.ok(known > 100)
    }),

  'says when, under its own key, and shows what it cosigned to everyone': () =>
    withWitnesses(async (witness) => {
      assert.is(await witness.latest(logHash(origin)), null)
      const request = requestOf({ size: 5, oldSize: 0, proof: [] })
      const witnessed = await witness.add(request)
      if (witnessed.outcome !== 'cosigned') return assert.unreachable(witnessed.outcome)
      const text = checkpointText(witnessed.checkpoint)
      const note = formatNote({ text, signatures: [witnessed.signature] })
      assert.equal(verifyNote(parseNote(note), [cosigner]), [cosigner])
      const shown = parseNote(Buffer.from((await witness.latest(logHash(origin))) ?? ''))
      assert.equal(
        shown.signatures.map(({ name }) => name),
        [logName, witnessName],
      )
      assert.equal(verifyNote(shown, [cosigner]), [cosigner])
    }),

  'refuses as the specification says, and keeps what it knew': () =>
    withWitnesses(async (witness) => {
      const good = { size: 7, oldSize: 0, proof: [] }
      const stranger = requestOf(good, { key: newKey() })
      const elsewhere = requestOf(good, { of: 'other.example/log' })
      assert.is(await outcomeOf(witness.add(stranger)), 'unsigned')
      assert.is(await outcomeOf(witness.add(elsewhere)), 'unknown_log')
      assert.is(await outcomeOf(witness.add(requestOf(good))), 'cosigned')
      assert.is(await outcomeOf(witness.add(requestOf(good))), 'old_size 7')
      const proof = await proofOf(7, 20)
      const refused: [string, Told][] = [
        ['larger_old_size', { size: 7, oldSize: 8, proof: [] }],
        ['inconsistent', { size: 20, oldSize: 7, proof: proof.slice(1) }],
        ['inconsistent', { size: 20, oldSize: 7, proof: [...proof, rootAt(1)] }],
        ['other_root', { size: 7, oldSize: 7, proof: [], past: 3 }],
        ['inconsistent', { size: 7, oldSize: 7, proof: [rootAt(1)] }],
        ['old_size 7', { size: 20, oldSize: 0, proof: [] }],
      ]
      for (const [outcome, told] of refused) {
        assert.is(await outcomeOf(witness.add(requestOf(told))), outcome)
      }
      assert.is(
        await outcomeOf(witness.add(requestOf({ size: 20, oldSize: 7, proof }))),
        'cosigned',
      )
    }),

  'of two processes that are asked at once, each tree goes on from the other': () =>
    withWitnesses(async (one, other) => {
      let known = 0
      for (let turn = 0; turn < 20; turn += 1) {
        const sizes = [known + 3, known + 5]
        const answers = await Promise.all(
          sizes.map(async (size, index) => {
            const told = { size, oldSize: known, proof: await proofOf(known, size) }
            return outcomeOf((index === 0 ? one : other).add(requestOf(told)))
          }),
        )
        const cosigned = sizes.filter((_, index) => answers[index] === 'cosigned')
        assert.is(cosigned.length, 1, answers.join())
        known = cosigned[0] ?? 0
      }
    }),

  'answers rubbish without a word about the log': () =>
    withWitnesses(async (witness) => {
      const whole = requestOf({ size: 7, oldSize: 0, proof: [] })
      const rubbish: Buffer[] = [
        ...['', '\n', 'old 0', 'old 0\n', 'old 0\n\n', 'old -1\n\n', 'old 00\n\n', 'new 0\n\n'],
        ...[`old 99999999999999999\n\n`, `old 0\n${'A'.repeat(44)}\n\nx`, 'old 1\n!\n\nx'],
        `old 0\n${`${rootAt(1).toString('base64')}\n`.repeat(64)}\nx`,
      ].map((text) => Buffer.from(text))
      for (const cut of [1, 10, 40, whole.length - 1]) rubbish.push(whole.subarray(0, cut))
      for (const bytes of [...rubbish, Buffer.alloc(3_000, 0xff)]) {
        assert.is(await outcomeOf(witness.add(bytes)), 'malformed', bytes.toString('latin1'))
      }
    }),
})
