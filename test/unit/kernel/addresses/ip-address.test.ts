import { isIP } from 'node:net'
import fc from 'fast-check'
import { canonicalAddress } from '../../../../shared/kernel/addresses/ip-address.ts'
import { assert, claims } from '../../../support/suite.ts'

type Groups = readonly number[]

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
/** Half of all groups are zero, so that runs of every length and place come. */
const anyGroups = fc.array(group, { minLength: 8, maxLength: 8 })
const anyV4 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })

/** RFC 5952, 4: the first longest run of two zero groups or more becomes `::`. */
const expectedV6 = (groups: Groups): string => {
  const text = groups.map((one) => one.toString(16)).join(':')
  const runs = [8, 7, 6, 5, 4, 3, 2].map((length) => Array<string>(length).fill('0').join(':'))
  for (const run of runs) {
    const at = `:${text}:`.indexOf(`:${run}:`)
    if (at < 0) continue
    const [left, right] = [text.slice(0, Math.max(at - 1, 0)), text.slice(at + run.length + 1)]
    return `${left}::${right}`
  }
  return text
}
const isMapped = (groups: Groups): boolean =>
  groups.slice(0, 5).every((one) => one === 0) && groups[5] === 0xffff

const hex = (padded: boolean, upper: boolean) => (one: number) => {
  const text = one.toString(16).padStart(padded ? 4 : 1, '0')
  return upper ? text.toUpperCase() : text
}
const v4Of = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')
const spelled = (
  groups: Groups,
  { padded, upper, squeezed, dotted }: Readonly<Record<string, boolean>>,
): string => {
  const text = groups.map(hex(padded ?? false, upper ?? false))
  const tail = dotted ? [v4Of(groups[6], groups[7])] : text.slice(6)
  const all = [...text.slice(0, 6), ...tail].join(':')
  // Any run of zeros, not the longest one: what a careless writer does.
  return squeezed ? all.replace(/(^|:)0+(:0+)*(?=:|$)(?!.*::)/, '$1:').replace(/:{3,}/, '::') : all
}

const spelling = fc.record({
  padded: fc.boolean(),
  upper: fc.boolean(),
  squeezed: fc.boolean(),
  dotted: fc.boolean(),
})
const port = fc.integer({ min: 0, max: 65_535 })
const around = fc.record({
  brackets: fc.boolean(),
  port: fc.option(port),
  zone: fc.constantFrom('', '%eth0', '%25en1', '%12'),
  quotes: fc.boolean(),
  blank: fc.constantFrom('', ' ', '\t'),
})
type Around = Readonly<{
  brackets: boolean
  port: number | null
  zone: string
  quotes: boolean
  blank: string
}>

/** A port behind an IPv6 address without brackets may be read as one more group. */
const wrapped = (address: string, { brackets, port: at, zone, quotes, blank }: Around): string => {
  const isV6 = address.includes(':')
  const inner = isV6 ? `${address}${zone}` : address
  const held = brackets || (isV6 && at !== null) ? `[${inner}]` : inner
  const text = at === null ? held : `${held}:${at}`
  return `${blank}${quotes ? `"${text}"` : text}${blank}`
}

claims('the spelling of an address', {
  // asvs: 15.3.4
  'of IPv6 is RFC 5952’s, however it was written and whatever stands around it': () => {
    fc.assert(
      fc.property(anyGroups, spelling, around, (groups, how, what) => {
        const text = spelled(groups, how)
        fc.pre(isIP(text) === 6)
        const expected = isMapped(groups) ? v4Of(groups[6], groups[7]) : expectedV6(groups)
        assert.is(canonicalAddress(wrapped(text, what)), expected)
      }),
      { numRuns: 1_000 },
    )
  },

  'of IPv4 is its four numbers, with and without a port, and as IPv6': () => {
    fc.assert(
      fc.property(anyV4, spelling, around, (numbers, how, what) => {
        const expected = numbers.join('.')
        assert.is(canonicalAddress(wrapped(expected, what)), expected)
        const [a = 0, b = 0, c = 0, d = 0] = numbers
        const groups = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d]
        assert.is(canonicalAddress(wrapped(spelled(groups, how), what)), expected)
      }),
      { numRuns: 300 },
    )
  },

  // asvs: 1.1.1
  'is itself again': () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const once = canonicalAddress(expectedV6(groups)) ?? ''
        assert.is(canonicalAddress(once), once)
      }),
    )
  },

  'is that of the examples in RFC 5952, and of what proxies write': () => {
    const cases: readonly [string, string][] = [
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:0db8::0001', '2001:db8::1'],
      ['2001:db8::0:1', '2001:db8::1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa'],
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
      ['::', '::'],
      ['203.0.113.9:51234', '203.0.113.9'],
      ['203.0.113.9:', '203.0.113.9'],
      ['[203.0.113.9]:80', '203.0.113.9'],
      ['[2001:db8::1]:443', '2001:db8::1'],
      ['"[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
      ['2001:db8::1:51234', '2001:db8::1'],
      ['2001:db8:0:0:0:0:0:1:8080', '2001:db8::1'],
      ['::ffff:203.0.113.9:51234', '203.0.113.9'],
      ['::FFFF:CB00:7109', '203.0.113.9'],
      ['fe80::1%eth0', 'fe80::1'],
      ['[fe80::1%25eth0]:80', 'fe80::1'],
    ]
    for (const [given, expected] of cases) assert.is(canonicalAddress(given), expected, given)
  },

  'of any text whatever is an address or nothing': () => {
    const odd = fc.string({ unit: fc.constantFrom(...'fe80:%[]".1a-~ ,/@'), maxLength: 40 })
    fc.assert(
      fc.property(
        fc.oneof(
          odd,
          odd.map((text) => `fe80::1%${text}`),
        ),
        (text) => {
          const found = canonicalAddress(text)
          assert.ok(found === null || isIP(found) > 0, text)
        },
      ),
      { numRuns: 5_000 },
    )
    assert.is(canonicalAddress('fe80::1%a:b'), null)
  },

  'is nothing where there is no address': () => {
    const none = ['', ' ', 'unknown', '_hidden', '....', ':::', '::1::', '1.2.3', '1.2.3.4.5']
    const near = ['01.2.3.4', '256.1.1.1', '1.2.3.4:65536', '1.2.3.4:x', '[::1', '::1]', '[]:80']
    const odd = [
      '1.2.3.4%eth0',
      '[::1]80',
      'localhost',
      'http://1.2.3.4',
      '"1.2.3.4',
      '::g',
      '%eth0',
    ]
    for (const text of [...none, ...near, ...odd]) assert.is(canonicalAddress(text), null, text)
  },
})
