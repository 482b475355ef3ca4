import { BlockList, isIP } from 'node:net'

// RFC 6890 and its successors: every address that is not one of a host on the Internet.
const ranges4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
// In IPv6 only 2000::/3 is global, without the ranges that embed IPv4 addresses or are examples.
const ranges6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

type Lists = Readonly<{ blocked: BlockList; global6: BlockList }>

const makeLists = (): Lists => {
  const [blocked, global6] = [new BlockList(), new BlockList()]
  for (const [net, prefix] of ranges4) blocked.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of ranges6) blocked.addSubnet(net, prefix, 'ipv6')
  global6.addSubnet('2000::', 3, 'ipv6')
  return { blocked, global6 }
}
/** Made when the first address is looked at: most gateways have no receivers. */
let lists: Lists | null = null

/** Whether a gateway may call this address on the word of a stranger (CWE-918). */
export const isPublicAddress = (address: string): boolean => {
  lists ??= makeLists()
  const { blocked, global6 } = lists
  switch (isIP(address)) {
    case 4:
      return !blocked.check(address, 'ipv4')
    case 6:
      return global6.check(address, 'ipv6') && !blocked.check(address, 'ipv6')
    default:
      return false
  }
}

/** The host as an address when it is one, without the brackets of IPv6; else `null`. */
const literalAddress = ({ hostname }: URL): string | null => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(host) === 0 ? null : host
}

/**
 * What is wrong with the address that a receiver registers; `null` if nothing is. A host name is
 * not looked up here but at each delivery, since its addresses may change.
 */
export const urlProblem = (text: string, allowPrivate: boolean): string | null => {
  const url = text.length <= 2_048 && URL.canParse(text) ? new URL(text) : null
  if (!url) return 'is no address of up to 2048 characters'
  const isHttps = url.protocol === 'https:'
  if (!isHttps && !(allowPrivate && url.protocol === 'http:')) return 'is not https'
  if (url.username !== '' || url.password !== '') return 'holds credentials'
  if (url.hash !== '') return 'has a fragment'
  const literal = literalAddress(url)
  if (literal === null || allowPrivate || isPublicAddress(literal)) return null
  return 'is a private address'
}
