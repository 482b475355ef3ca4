import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { inclusionProof } from '../../../shared/tlog/merkle-proof.ts'
import { signNote } from '../../../shared/tlog/note-key.ts'
import {
  formatTlogProof,
  parseTlogProof,
  verifyTlogProof,
} from '../../../shared/tlog/tlog-proof.ts'
import { assert, claims } from '../../support/suite.ts'
import { entryAt, treeOf } from '../../support/trail/drawn-trees.ts'
import { codeOf, origin, privateKey, verifierOf } from '../../support/trail/note-keys.ts'

const first = privateKey(1)

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
