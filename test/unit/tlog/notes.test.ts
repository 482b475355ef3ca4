import { createPrivateKey } from 'node:crypto'
import fc from 'fast-check'
import { formatCheckpoint, openCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { inclusionProof } from '../../../shared/tlog/merkle-proof.ts'
import {
  cosign,
  type NoteKeyKind,
  noteVerifier,
  parseVerifierKey,
  publicBytesOf,
  signNote,
  verifierKey,
} from '../../../shared/tlog/note-key.ts'
import { formatNote, parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import {
  formatTlogProof,
  parseTlogProof,
  verifyTlogProof,
} from '../../../shared/tlog/tlog-proof.ts'
import { assert, claims } from '../../support/suite.ts'
import { entryAt, treeOf } from '../../support/trail/drawn-trees.ts'

/** The seed as PKCS #8 has it (RFC 8410). */
const privateKey = (fill: number) =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, fill),
    ]),
    format: 'der',
    type: 'pkcs8',
  })
const origin = 'auth.example.com/audit/log/0'
const [first, second, stranger] = [privateKey(1), privateKey(2), privateKey(3)]
const verifierOf = (key: typeof first, name = origin, kind: NoteKeyKind = 'log') =>
  noteVerifier({ name, kind, publicBytes: publicBytesOf(key) })

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'none'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}
const text = 'If you think cryptography is the answer,\nyou do not know the problem.\n'
const noteBy = (...keys: readonly (typeof first)[]): Buffer =>
  formatNote({ text, signatures: keys.map((key) => signNote(text, origin, key)) })
const openedBy = (note: Buffer, ...known: readonly ReturnType<typeof verifierOf>[]) =>
  verifyNote(parseNote(note), known).length

/** From the specification, c2sp.org/signed-note. */
const published = {
  key: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  note:
    'This is an example message.\n\n— example.com/foo ' +
    'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
}

claims('signed notes', {
  'the example of the specification is read and verified': () => {
    const key = parseVerifierKey(published.key)
    assert.is(verifierKey(key), published.key)
    const note = parseNote(Buffer.from(published.note))
    assert.equal(formatNote(note), Buffer.from(published.note))
    assert.is(verifyNote(note, [noteVerifier(key)]).length, 1)
  },

  'with two lines, who knows the old key or the new one believes; a stranger does not': () => {
    const note = noteBy(first, second)
    assert.is(openedBy(note, verifierOf(first)), 1)
    assert.is(openedBy(note, verifierOf(second)), 1)
    assert.is(openedBy(note, verifierOf(first), verifierOf(second)), 2)
    assert.is(openedBy(noteBy(stranger, first), verifierOf(first)), 1)
    assert.is(
      codeOf(() => openedBy(note, verifierOf(stranger))),
      'TRAIL_INVALID',
    )
    assert.is(
      codeOf(() => openedBy(note, verifierOf(first, 'another.example'))),
      'TRAIL_INVALID',
    )
  },

  'a changed bit anywhere is refused, or the note as it was': () =>
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (drawnAt, bit) => {
        const note = noteBy(first)
        const at = drawnAt % note.length
        note[at] = (note[at] ?? 0) ^ (1 << bit)
        assert.is(
          codeOf(() => openedBy(note, verifierOf(first))),
          'TRAIL_INVALID',
        )
      }),
      { numRuns: 500 },
    ),

  'a known key’s wrong signature refuses the note, whoever else signed it': () => {
    const wrong = { ...signNote(`${text}no\n`, origin, first) }
    const note = formatNote({ text, signatures: [wrong, signNote(text, origin, second)] })
    assert.is(
      codeOf(() => openedBy(note, verifierOf(first), verifierOf(second))),
      'TRAIL_INVALID',
    )
    assert.is(openedBy(note, verifierOf(second)), 1)
  },

  'what is no note is refused': () => {
    const signed = noteBy(first).toString()
    for (const bad of [
      '',
      text,
      `${text}\n`,
      signed.trimEnd(),
      signed.replace('— ', '- '),
      signed.replace(origin, `${origin} x`),
      signed.replace('answer', 'ans\twer'),
      `${signed}\n`,
      `${text}\n${`${signed.split('\n').at(-2)}\n`.repeat(101)}`,
    ]) {
      assert.is(
        codeOf(() => parseNote(Buffer.from(bad))),
        'TRAIL_INVALID',
        bad,
      )
    }
    assert.is(
      codeOf(() => parseNote(Buffer.concat([Buffer.from([0xff]), noteBy(first)]))),
      'TRAIL_INVALID',
    )
  },

  'what is no verifier key is refused': () => {
    const right = verifierKey({ name: origin, kind: 'log', publicBytes: publicBytesOf(first) })
    assert.equal(verifierKey(parseVerifierKey(right)), right)
    for (const bad of [
      '',
      'a',
      'a+b',
      right.slice(0, -1),
      right.replace('auth', 'outh'),
      '+1+AQ==',
    ]) {
      assert.is(
        codeOf(() => parseVerifierKey(bad)),
        'INPUT_INVALID',
        bad,
      )
    }
  },
})

claims('checkpoints', {
  'a checkpoint is read as it was signed': () => {
    const { root } = treeOf(5)
    const bytes = formatCheckpoint({ origin, size: 5, root }, (of) => [signNote(of, origin, first)])
    const { checkpoint, by } = openCheckpoint(bytes, [verifierOf(first)])
    assert.equal(checkpoint, { origin, size: 5, root })
    assert.is(by.length, 1)
  },

  'what is no checkpoint is refused, also when it is signed': () => {
    const root = treeOf(5).root.toString('base64')
    for (const bad of [
      `${origin}\n5\n`,
      `\n5\n${root}\n`,
      `${origin}\n05\n${root}\n`,
      `${origin}\n-5\n${root}\n`,
      `${origin}\n9007199254740993\n${root}\n`,
      `${origin}\n5\n${root.slice(4)}\n`,
      `${origin}\n5\n${root}\nmore\n`,
    ]) {
      const note = formatNote({ text: bad, signatures: [signNote(bad, origin, first)] })
      assert.is(
        codeOf(() => openCheckpoint(note, [verifierOf(first)])),
        'TRAIL_INVALID',
        bad,
      )
    }
  },

  'a witness signs the text and the time, and its key is of another kind': () => {
    const { root } = treeOf(5)
    const name = 'witness.example/w1'
    const bytes = formatCheckpoint({ origin, size: 5, root }, (of) => [
      signNote(of, origin, first),
      cosign(of, { name, privateKey: second, seconds: 1_679_315_147 }),
    ])
    const witness = verifierOf(second, name, 'witness')
    assert.is(openCheckpoint(bytes, [verifierOf(first), witness]).by.length, 2)
    assert.is(openCheckpoint(bytes, [witness]).by.length, 1)
    assert.is(
      codeOf(() => openCheckpoint(bytes, [verifierOf(second, name, 'log')])),
      'TRAIL_INVALID',
    )
    const { signatures, text: signed } = parseNote(bytes)
    const [, cosignature] = signatures
    assert.ok(cosignature)
    for (let at = 0; at < cosignature.signature.length; at += 1) {
      const signature = Buffer.from(cosignature.signature)
      signature[at] = (signature[at] ?? 0) ^ 1
      assert.not.ok(witness.verify(signed, signature), `byte ${at}`)
    }
  },
})

claims('proofs in a file', {
  'a proof proves its entry offline, with and without extra data': async () => {
    const { nodes, root } = treeOf(300)
    const checkpoint = formatCheckpoint({ origin, size: 300, root }, (of) => [
      signNote(of, origin, first),
    ])
    for (const extra of [null, Buffer.from('the entry')]) {
      const proof = await inclusionProof(nodes, 77, 300)
      const bytes = formatTlogProof({ extra, index: 77, proof, checkpoint })
      const read = parseTlogProof(bytes)
      assert.equal(formatTlogProof(read), bytes)
      assert.equal(read.extra, extra)
      const { checkpoint: signed } = verifyTlogProof(read, entryAt(77), [verifierOf(first)])
      assert.is(signed.size, 300)
      for (const wrong of [entryAt(78), Buffer.alloc(0)]) {
        assert.is(
          codeOf(() => verifyTlogProof(read, wrong, [verifierOf(first)])),
          'TRAIL_INVALID',
        )
      }
      assert.is(
        codeOf(() => verifyTlogProof({ ...read, index: 78 }, entryAt(77), [verifierOf(first)])),
        'TRAIL_INVALID',
      )
    }
  },

  'what is no proof is refused': () => {
    for (const bad of [
      '',
      'c2sp.org/tlog-proof@v2\nindex 1\n\n',
      'c2sp.org/tlog-proof@v1\n\n',
      'c2sp.org/tlog-proof@v1\nindex 01\n\nx',
      'c2sp.org/tlog-proof@v1\nextra *\nindex 1\n\nx',
      'c2sp.org/tlog-proof@v1\nindex 1\nnotahash\n\nx',
      'c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\nx',
    ]) {
      assert.is(
        codeOf(() => parseTlogProof(Buffer.from(bad))),
        'TRAIL_INVALID',
        bad,
      )
    }
  },
})
