import { generateKeyPairSync } from 'node:crypto'
import { formatCheckpoint, openCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { consistencyProof, inclusionProof } from '../../../shared/tlog/merkle-proof.ts'
import {
  cosign,
  noteVerifier,
  parseVerifierKey,
  publicBytesOf,
  signNote,
  verifierKey,
} from '../../../shared/tlog/note-key.ts'
import { parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import { assert, claims } from '../../support/suite.ts'
import { entryAt, treeOf } from '../../support/trail/drawn-trees.ts'
import { askGo } from '../../support/trail/go-oracle.ts'

const textOf = (hashes: readonly Buffer[]): string[] =>
  hashes.map((hash) => hash.toString('base64'))
const pairs = (
  size: number,
  more: (index: number) => boolean,
): readonly (readonly [number, number])[] =>
  Array.from({ length: size }, (_, index) => [size, index] as const).filter(([, at]) => more(at))

/** Every leaf of small trees, and of larger ones those at the borders of tiles. */
const sizes = [
  ...Array.from({ length: 40 }, (_, at) => ({ size: at + 1, step: 1 })),
  ...[255, 256, 257, 1_000, 66_000].map((size) => ({ size, step: Math.ceil(size / 20) })),
]

claims('what Go’s own libraries say', {
  'of roots and proofs: byte for byte the same, for every leaf of every small tree': async () => {
    const asked = sizes.map(({ size, step }) => ({
      op: 'tree' as const,
      leaves: Array.from({ length: size }, (_, at) => entryAt(at).toString('base64')),
      records: pairs(size, (at) => at % step === 0 || at % 256 === 255 || at === size - 1),
      // Go knows no proof from the empty tree.
      trees: pairs(size, (at) => at > 0 && (at % step === 0 || at % 256 === 0)),
    }))
    const answers = await askGo(asked)
    for (const [at, answer] of (answers ?? []).entries()) {
      const question = asked[at]
      const { size } = sizes[at] ?? { size: 0 }
      if (!question) throw new Error('no question')
      const { nodes, root } = treeOf(size)
      assert.is(answer.roots?.at(-1), root.toString('base64'), `root of ${size}`)
      for (const [index, record] of question.records.entries()) {
        const proof = await inclusionProof(nodes, record[1], size)
        assert.equal(answer.records?.[index] ?? [], textOf(proof), `leaf ${record} of ${size}`)
      }
      for (const [index, older] of question.trees.entries()) {
        const proof = await consistencyProof(nodes, older[1], size)
        assert.equal(answer.trees?.[index] ?? [], textOf(proof), `${older} of ${size}`)
      }
    }
  },

  'of checkpoints: theirs is read here, and ours there, with both keys and a witness': async () => {
    const origin = 'auth.example.com/audit/log/0'
    const keys = [1, 2, 3].map(() => generateKeyPairSync('ed25519').privateKey)
    const [first, second, third] = keys
    if (!first || !second || !third) throw new Error('no keys')
    const { root } = treeOf(7)
    const name = 'witness.example/one'
    const ours = formatCheckpoint({ origin, size: 7, root }, (text) => [
      signNote(text, origin, first),
      signNote(text, origin, second),
      cosign(text, { name, privateKey: third, seconds: 1_679_315_147 }),
    ])
    const known = [
      verifierKey({ name: origin, kind: 'log', publicBytes: publicBytesOf(first) }),
      verifierKey({ name, kind: 'witness', publicBytes: publicBytesOf(third) }),
    ]
    const changed = Buffer.from(ours.toString().replace('\n7\n', '\n8\n'))
    const text = `${origin}\n7\n${root.toString('base64')}\n`
    const answers = await askGo([
      { op: 'open', note: ours.toString('base64'), keys: known },
      { op: 'open', note: changed.toString('base64'), keys: known },
      { op: 'sign', name: origin, text },
    ])
    if (answers === null) return
    const [opened, refused, signed] = answers
    assert.equal(opened?.verified, [origin, name])
    assert.match(refused?.error ?? '', 'invalid signature')
    const verifier = noteVerifier(parseVerifierKey(signed?.key ?? ''))
    const note = Buffer.from(signed?.note ?? '', 'base64')
    assert.is(verifyNote(parseNote(note), [verifier]).length, 1)
    assert.equal(openCheckpoint(note, [verifier]).checkpoint, { origin, size: 7, root })
  },
})
