import { SipHash } from '../../../../shared/guard/revocation-set/sip-hash.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const entropy = seededEntropy('hashes')
const key = Uint8Array.from({ length: 16 }, (_, index) => index)
const hashed = (text: string, under: Uint8Array = key): string => {
  const hash = new SipHash(under)
  hash.of(text)
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(hash.lo, 0)
  bytes.writeInt32LE(hash.hi, 4)
  return bytes.toString('hex')
}

// Of the reference implementation (SipHash, vectors.h): key 00…0f, message 00, 00 01, 00 01 02, …
const published = [
  '310e0edd47db6f72',
  'fd67dc93c539f874',
  '5a4fa9d909806c0d',
  '2d7efbd796666785',
  'b7877127e09427cf',
  '8da699cd64557618',
  'cee3fe586e46c9cb',
  '37d1018bf50002ab',
  '6224939a79f5f593',
  'b0e4a90bdf82009e',
  'f3b9dd94c5bb5d7a',
  'a7ad6b22462fb3f4',
  'fbe50e86bc8f1e75',
  '903d84c02756ea14',
  'eef27a8e90ca23f7',
  'e545be4961ca29a1',
]

claims('SipHash-2-4', {
  'it gives the published vectors': () => {
    const texts = published.map((_, length) => Buffer.from([...key].slice(0, length)))
    assert.equal(
      texts.map((bytes) => hashed(bytes.toString('latin1'))),
      published,
    )
  },
  'another key gives another hash': () => {
    assert.is.not(
      hashed('sid'),
      hashed(
        'sid',
        Uint8Array.from(key, (byte) => byte ^ 1),
      ),
    )
  },
  'the bytes of an id hash as its hex digits do': () => {
    const [one, other] = [new SipHash(key), new SipHash(key)]
    for (let index = 0; index < 500; index += 1) {
      const bytes = entropy.bytes(19)
      one.of(bytes.toString('hex', 3))
      other.ofHex(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 3)
      assert.equal([other.lo, other.hi], [one.lo, one.hi])
      one.of(bytes.toString('hex').repeat(1 + (index % 9)))
    }
  },
  'a key has 16 bytes': () => {
    assert.throws(() => new SipHash(key.subarray(1)), TypeError)
  },
  'a key in the middle of other memory is read from there': () => {
    const memory = Uint8Array.from([9, 9, 9, ...key])
    assert.is(hashed('', memory.subarray(3)), published[0])
  },
})
