import fc from 'fast-check'
import {
  formatCheckpoint,
  openCheckpoint,
  openOwnCheckpoint,
} from '../../../shared/tlog/checkpoint.ts'
import {
  cosign,
  noteVerifier,
  parseVerifierKey,
  publicBytesOf,
  signNote,
  verifierKey,
} from '../../../shared/tlog/note-key.ts'
import { formatNote, parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import { assert, claims } from '../../support/suite.ts'
import { treeOf } from '../../support/trail/drawn-trees.ts'
import { codeOf, origin, privateKey, verifierOf } from '../../support/trail/note-keys.ts'

const [first, second, stranger] = [privateKey(1), privateKey(2), privateKey(3)]
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
    'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm' +
    'RKuwHjG1Yu72IneyaQM=\n',
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
    assert.is(openOwnCheckpoint(bytes, [verifierOf(first), witness]).by.length, 2)
    assert.is(
      codeOf(() => openOwnCheckpoint(bytes, [witness])),
      'TRAIL_INVALID',
    )
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
