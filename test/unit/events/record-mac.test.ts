import { createSecretKey } from 'node:crypto'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import {
  hasValidMac,
  type MacRing,
  macHeader,
  signRecord,
} from '../../../shared/events/record-mac.ts'
import { aRevocationRecord, aRing } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const ring = aRing()
const record = (): LogRecord => aRevocationRecord(ring)
const key = (fill: number) => createSecretKey(Buffer.alloc(32, fill))

/** The record with one bit of one character of `text` changed. */
const flips = (text: string): string[] =>
  [...text].map((char, at) => {
    const other = String.fromCharCode((char.codePointAt(0) ?? 0) ^ 1)
    return text.slice(0, at) + other + text.slice(at + 1)
  })

const isGood = (one: LogRecord): boolean => hasValidMac(ring, one)

claims('MAC of revocations', {
  'what the ring signed is good': () => assert.ok(isGood(record())),

  'a flipped bit anywhere in key, value or a covered header is refused': () => {
    const one = record()
    for (const value of flips(one.value)) assert.not.ok(isGood({ ...one, value }))
    for (const changed of flips(one.key)) assert.not.ok(isGood({ ...one, key: changed }))
    for (const [name, text] of Object.entries(one.headers)) {
      if (!name.startsWith('ce_')) continue
      for (const changed of flips(text)) {
        assert.not.ok(isGood({ ...one, headers: { ...one.headers, [name]: changed } }), name)
      }
    }
  },

  'a flipped bit in the MAC itself is refused, whatever its last character hides': () => {
    const one = record()
    const mac = one.headers[macHeader] ?? ''
    // The last character of 256 bits in base64url has two unused bits: four spellings of one MAC.
    for (const changed of flips(mac).slice(0, -1)) {
      assert.not.ok(isGood({ ...one, headers: { ...one.headers, [macHeader]: changed } }), changed)
    }
  },

  'covers the bytes that it always covered, text or bytes: logs are read by later versions': () => {
    const mac = { active: 'k', keys: new Map([['k', key(1)]]) }
    const headers = { ce_type: 'curfew.Revocation', ce_id: 's/é:1:0', other: 'left out' }
    const one = { topic: 'auth.revocations', key: 'sid:\ud800', headers, value: '{"a":"ü"}' }
    const signed = 'k.sh-2CvDJ64Q4zX5v4xIDFz49xtELZWxgsc9l5qrEY_s'
    assert.is(signRecord(mac, one), signed)
    assert.is(signRecord(mac, { ...one, value: Buffer.from(one.value) }), signed)
  },

  'another topic is refused: a record cannot be moved': () => {
    assert.not.ok(isGood({ ...record(), topic: 'auth.events' }))
  },

  'added and dropped headers are refused, their order does not matter': () => {
    const one = record()
    const entries = Object.entries(one.headers)
    assert.ok(isGood({ ...one, headers: Object.fromEntries([...entries].reverse()) }))
    assert.not.ok(isGood({ ...one, headers: { ...one.headers, ce_extra: 'x' } }))
    const { ce_time: _time, ...rest } = one.headers
    assert.not.ok(isGood({ ...one, headers: rest }))
  },

  'text cannot move from one covered part to the next': () => {
    const one = record()
    const moved = { ...one, key: one.key.slice(0, -1), value: one.key.slice(-1) + one.value }
    assert.not.ok(isGood(moved))
  },

  'an unknown key, no MAC and half a MAC are refused': () => {
    const one = record()
    const mac = one.headers[macHeader] ?? ''
    for (const given of ['', '.', 'k1', 'k1.', `k9${mac.slice(2)}`, mac.slice(0, -8)]) {
      assert.not.ok(isGood({ ...one, headers: { ...one.headers, [macHeader]: given } }), given)
    }
    const { [macHeader]: _mac, ...without } = one.headers
    assert.not.ok(isGood({ ...one, headers: without }))
  },

  'a key that rotated out of use still checks; another fleet’s does not': () => {
    const one = record()
    const rotated: MacRing = {
      active: 'k2',
      keys: new Map([
        ['k1', key(7)],
        ['k2', key(8)],
      ]),
    }
    assert.ok(hasValidMac(rotated, one))
    assert.match(signRecord(rotated, one), /^k2\./)
    assert.not.ok(hasValidMac({ active: 'k1', keys: new Map([['k1', key(9)]]) }, one))
    assert.throws(() => signRecord({ active: 'gone', keys: new Map() }, one))
  },
})
