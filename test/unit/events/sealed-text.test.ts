import { createSecretKey } from 'node:crypto'
import { encodeEvent } from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import {
  openFields,
  readSealedText,
  sealedTextOf,
  sealFields,
} from '../../../shared/events/sealed-text.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { assert, claims } from '../../support/suite.ts'

/** As the first version sealed it: a promise, as golden files are. Never edited. */
const golden =
  '1;c0de;a0,2:AwMDAwMDAwMDAwMDXtzCIWAKb3tIbnNy2XnILsEeh82Ot9kfVbfr3YLKdZaBh1VH45rIMKLtYif' +
  'wfHiEfzpwHdfqLOUle-TTmw'
const key = createSecretKey(Buffer.alloc(32, 7))
const fields = { a: '192.0.2.7', g: 'Mozilla/5.0 (example)' }
const part = { role: 'a', events: [0, 2] } as const
const place = {
  commit: 's/5e551011ab5e551011ab5e551011ab01:1',
  owner: 'sub:50b1ec75ab50b1ec75ab50b1ec75ab01',
  part,
} as const

claims('a sealed text', {
  'of the first version is written as it was, and opens': () => {
    const sealed = sealFields(key, Buffer.alloc(12, 3), place, fields)
    assert.is(sealedTextOf({ tags: ['c0de'], parts: [{ ...part, sealed }] }), golden)
    const read = readSealedText(golden)
    assert.equal(read, { tags: ['c0de'], parts: [{ ...part, sealed }] })
    assert.equal(openFields(key, place, sealed), fields)
  },

  'opens in no other commit, for no other owner, and for no other events': () => {
    const { sealed = '' } = readSealedText(golden).parts[0] ?? {}
    const others = [
      { ...place, commit: 's/5e551011ab5e551011ab5e551011ab01:2' },
      { ...place, owner: 'sub:50b1ec75ab50b1ec75ab50b1ec75ab02' },
      { ...place, owner: 'client:50b1ec75ab50b1ec75ab50b1ec75ab01' },
      { ...place, part: { ...part, events: null } },
      { ...place, part: { ...part, role: 's' } },
    ] as const
    for (const other of others) assert.is(openFields(key, other, sealed), null)
  },

  'is an attribute of each record of its commit': () => {
    const [example] = eventExamples
    if (!example) throw new Error('no sample')
    const { id, at, stored } = example
    const recorded = { id, at, event: upcast(stored) }
    const { headers } = encodeEvent('https://a.example', { ...recorded, personal: golden })
    assert.is(headers['ce_personal'], golden)
    assert.not.ok('ce_personal' in encodeEvent('https://a.example', recorded).headers)
  },
})
