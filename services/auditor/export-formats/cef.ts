import { isIPv4, isIPv6 } from 'node:net'
import { textIn } from '../leaves/index.ts'
import { meaningOf, type Severity } from './event-table.ts'
import {
  actorIn,
  dataIn,
  type ExportedLeaf,
  hashOf,
  instantIn,
  kindOf,
  reasonIn,
  userIn,
} from './exported-leaf.ts'
import { jsonText } from './json-line.ts'

const severities: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
}

/** What has an escape, and what must not be in a line, whatever reads it. */
const inNeed = /[\\=|\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

const escaping =
  (escapes: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text.toWellFormed().replace(inNeed, (found) => escapes[found] ?? ' ')

const inHeader = escaping({ '\\': '\\\\', '|': '\\|', '=': '=' })
const inExtension = escaping({
  ...{ '\\': '\\\\', '=': '\\=', '|': '|', '\n': '\\n', '\r': '\\r' },
})

type Extension = readonly [key: string, value: string | number | null]

const addressOf = (address: string | null): readonly Extension[] => {
  if (address === null) return []
  if (isIPv4(address)) return [['src', address]]
  if (!isIPv6(address)) return [['shost', address]]
  return [
    ['c6a2Label', 'Source IPv6 Address'],
    ['c6a2', address],
  ]
}

/** Under a key that CEF leaves to each product, with the name of what it is. */
const labelled = (key: string, label: string, value: string | null): readonly Extension[] =>
  value === null
    ? []
    : [
        [`${key}Label`, label],
        [key, value],
      ]

const extensionsOf = (leaf: ExportedLeaf): readonly Extension[] => {
  const data = dataIn(leaf)
  const { by, id } = actorIn(leaf)
  return [
    ['rt', instantIn(leaf)],
    ['externalId', textIn(leaf.event['id'])],
    ['outcome', meaningOf(leaf).failed ? 'failure' : 'success'],
    ['reason', reasonIn(leaf)],
    ['suid', id],
    ['spriv', by],
    ['duid', userIn(leaf)],
    ...addressOf(textIn(data['address'])),
    ['requestClientApplication', textIn(data['agent'])],
    ...labelled('cs1', 'session', textIn(data['sid'])),
    ...labelled('cs2', 'token', textIn(data['jti'])),
    ...labelled('cs3', 'client', textIn(data['client'])),
    ...labelled('cs4', 'log', leaf.log),
    ...labelled('cs5', 'leaf hash', hashOf(leaf)),
    ...labelled('cs6', 'request', textIn(leaf.event['request'])),
    ['cn1Label', 'index'],
    ['cn1', leaf.index],
    ['msg', jsonText(leaf.event['data'] ?? leaf.event['data_base64'] ?? null)],
  ]
}

/** ArcSight’s Common Event Format, version 0: one line an event. */
export const cefLine = (leaf: ExportedLeaf, product: string): string => {
  const { name, severity } = meaningOf(leaf)
  const header = [product, kindOf(leaf), name, String(severities[severity])].map(inHeader)
  const extensions = extensionsOf(leaf).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${inExtension(String(value))}`],
  )
  return `CEF:0|Curfew|Curfew|${header.join('|')}|${extensions.join(' ')}\n`
}
