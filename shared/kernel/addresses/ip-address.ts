import { isIPv4, isIPv6 } from 'node:net'

const portMax = 65_535

/** The URL standard writes an address as RFC 5952 has it, but for mapped ones. */
const compressed = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

/**
 * The IPv4 address inside `::ffff:0:0/96`: the socket listened for both families, and the caller
 * came over IPv4.
 */
const mapped = (address: string): string => {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return address
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 255, second >> 8, second & 255].join('.')
}

/** Without brackets, and without the zone, which names a link of one machine (RFC 4007, 11). */
const bare = (text: string): string | null => {
  const [, address = text] = /^\[([^[\]]*)\]$/.exec(text) ?? []
  if (isIPv4(address)) return address
  const [, plain = address] = /^([^%]*)%[A-Za-z0-9._~-]+$/.exec(address) ?? []
  // What Node takes for a zone may hold more than a zone may.
  if (plain.includes('%')) return null
  return isIPv6(plain) ? mapped(compressed(plain)) : null
}

/**
 * One spelling of an address, by which it is compared, counted and shown: IPv4 in four numbers,
 * also where it came as IPv6 (`::ffff:192.0.2.1`); IPv6 as RFC 5952 writes it, in lower case and
 * compressed; no port, no brackets, no quotes, no zone. `null` for what is no address.
 *
 *     canonicalAddress('"[2001:DB8:0::1]:443"') // '2001:db8::1'
 */
export const canonicalAddress = (given: string): string | null => {
  const text = given.trim().replace(/^"(.*)"$/, '$1')
  // The whole first: `2001:db8::1:443` is an address that ends in 443. A port above 9999 is none.
  const whole = bare(text)
  if (whole !== null) return whole
  const [, address, port] = /^(.*[^:]):(\d{0,5})$/.exec(text) ?? []
  return address === undefined || Number(port) > portMax ? null : bare(address)
}

/**
 * A household has a /64; counting single IPv6 addresses would count nothing. Of an address as
 * `canonicalAddress` spells it.
 */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const [left = [], right = []] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
