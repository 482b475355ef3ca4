import { Readable } from 'node:stream'
import busboy from 'busboy'
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { parseMultipart } from '../../../services/gateway/http/multipart-body.ts'
import { isPublicAddress } from '../../../services/gateway/ssf/streams/public-address.ts'
import { openMemoryRateLimits } from '../../../shared/adapters/memory/rate-limits.ts'
import { canonicalAddress } from '../../../shared/kernel/addresses/ip-address.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'

const contentType = 'multipart/form-data; boundary=x'
const field = (more: string, value: string): Buffer =>
  Buffer.from(`--x\r\nContent-Disposition: form-data; ${more}\r\n\r\n${value}\r\n--x--`, 'latin1')

/** The fields that the library reads in `body`; rejects as it does. */
const readByBusboy = (body: Buffer): Promise<readonly (readonly [string, string])[]> =>
  new Promise((resolve, reject) => {
    const fields: (readonly [string, string])[] = []
    const parser = busboy({ headers: { 'content-type': contentType } })
    parser.on('field', (name, value) => fields.push([name, value]))
    parser.on('error', reject)
    parser.on('close', () => resolve(fields))
    Readable.from([body]).pipe(parser)
  })

const isRefused = (body: Buffer): boolean => {
  try {
    parseMultipart(contentType, body)
    return false
  } catch {
    return true
  }
}

/** If one of these goes red with a newer release, take the library: see decision 74. */
claims('what is written by hand is so because', {
  'busboy takes two passwords for one, and passes over what a client sent otherwise': async () => {
    const replaced = '\ufffd'
    for (const bytes of ['\xff', '\xfe']) {
      const body = field('name="password"', bytes)
      assert.equal(await readByBusboy(body), [['password', replaced]])
      assert.is(isRefused(body), true)
    }
    const encoded = field('name="password"\r\nContent-Transfer-Encoding: base64', 'c2VjcmV0')
    assert.equal(await readByBusboy(encoded), [['password', 'c2VjcmV0']])
    assert.is(isRefused(encoded), true)
    const named = Buffer.from('--x\r\nX-Other: name="password"\r\n\r\nsecret\r\n--x--')
    assert.equal(await readByBusboy(named), [])
    assert.is(isRefused(named), true)
  },

  'ipaddr.js takes numbers for addresses, and none that a proxy wrote with a port': () => {
    for (const [text, read] of [
      ['127.1', '127.0.0.1'],
      ['010.0.0.1', '8.0.0.1'],
      ['2130706433', '127.0.0.1'],
    ] as const) {
      assert.is(ipaddr.process(text).toString(), read)
      assert.is(canonicalAddress(text), null)
    }
    for (const text of ['192.0.2.1:443', '[2001:db8::1]:443', '"[2001:db8::1]"']) {
      assert.is(ipaddr.isValid(text), false)
      assert.is.not(canonicalAddress(text), null)
    }
  },

  'ipaddr.js calls an address public that no host on the Internet has': () => {
    // Outside 2000::/3 nothing is allocated (IANA, IPv6 address space).
    assert.is(ipaddr.parse('4000::1').range(), 'unicast')
    assert.is(isPublicAddress('4000::1'), false)
  },

  'rate-limiter-flexible forgives everything when the host’s clock is set': async () => {
    const host = Date.now
    const limiter = new RateLimiterMemory({ points: 1, duration: 60 })
    await limiter.consume('somebody')
    try {
      Date.now = () => host() + 61_000
      assert.is((await limiter.consume('somebody')).remainingPoints, 0)
    } finally {
      Date.now = host
    }
    const clock = fakeClock()
    const limits = openMemoryRateLimits({ clock })
    const rule = { name: 'logins', points: 1, windowMs: 60_000 }
    assert.is((await limits.take(rule, 'somebody')).allowed, true)
    clock.jump(61_000)
    assert.is((await limits.take(rule, 'somebody')).allowed, false)
  },
})
