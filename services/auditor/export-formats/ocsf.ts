import { isIP } from 'node:net'
import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import { textIn } from '../leaves/index.ts'
import { type EventMeaning, meaningOf, type OcsfClass, type Severity } from './event-table.ts'
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

const version = '1.8.0'

const classNames: Readonly<Record<OcsfClass, string>> = {
  3001: 'Account Change',
  3002: 'Authentication',
  3004: 'Entity Management',
}

const severityIds: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
}

/** Who acts, in OCSF’s types of users; 99 is any other. */
const userTypes: ReadonlyMap<string | null, number> = new Map([
  ['user', 1],
  ['administrator', 2],
  ['system', 3],
  ['service', 4],
])

type Members = Readonly<Record<string, unknown>>

const userOf = (leaf: ExportedLeaf): Members => {
  const uid = userIn(leaf)
  const { account, username } = dataIn(leaf)
  // What is sealed is an empty text.
  const name = textIn(username) || null
  if (uid !== null) return { uid, ...(name === null ? {} : { name }) }
  const tried = textIn(account) || null
  // OCSF wants somebody; of nobody known there is only that.
  return tried === null ? { name: 'Unknown' } : { account: { uid: tried } }
}

const entityOf = (leaf: ExportedLeaf, [type, member]: readonly [string, string]): Members => ({
  type,
  uid: textIn(dataIn(leaf)[member]) ?? textIn(leaf.event['id']) ?? kindOf(leaf),
})

/** What each class has beside the members of all. */
const ofClass = (leaf: ExportedLeaf, meaning: EventMeaning): Members => {
  if (meaning.class === 3004) return { entity: entityOf(leaf, meaning.entity ?? ['event', 'id']) }
  const user = userOf(leaf)
  if (meaning.class === 3001) return { user }
  const session = textIn(dataIn(leaf)['sid'])
  return {
    user,
    service: { name: textIn(leaf.event['source']) ?? 'Curfew' },
    ...(session === null ? {} : { session: { uid: session } }),
  }
}

const originOf = (leaf: ExportedLeaf): Members => {
  const { by, id } = actorIn(leaf)
  const address = textIn(dataIn(leaf)['address']) ?? ''
  const user = { uid: id, ...(by === null ? {} : { type_id: userTypes.get(by) ?? 99, type: by }) }
  return {
    ...(id === null ? {} : { actor: { user } }),
    ...(isIP(address) === 0 ? {} : { src_endpoint: { ip: address } }),
  }
}

/**
 * What proves the event. OCSF 1.8 has no `attestation_list` (1.9 will): it is an enrichment of the
 * event’s id.
 */
const proofOf = (leaf: ExportedLeaf, id: string): Members => ({
  name: 'metadata.uid',
  value: id,
  type: 'attestation',
  provider: leaf.log,
  data: { format: 'c2sp.org/tlog-tiles', index: leaf.index, leaf_hash: hashOf(leaf) },
})

/** All that the event says, also what has a member of its own. */
const unmappedOf = ({ event }: ExportedLeaf): Members => {
  const { data, data_base64: bytes } = event
  if (isPlainObject(data)) return data
  return {
    ...(data === undefined ? {} : { data }),
    ...(bytes === undefined ? {} : { data_base64: bytes }),
  }
}

const requestOf = ({ event }: ExportedLeaf): Members => {
  const request = textIn(event['request'])
  return request === null ? {} : { correlation_uid: request }
}

const metadataOf = (leaf: ExportedLeaf, id: string, product: string): Members => ({
  ...requestOf(leaf),
  version,
  uid: id,
  event_code: kindOf(leaf),
  log_name: leaf.log,
  sequence: leaf.index,
  original_time: textIn(leaf.event['time']) ?? '',
  product: { name: 'Curfew', vendor_name: 'Curfew', version: product },
})

export const ocsfEvent = (leaf: ExportedLeaf, product: string): Members => {
  const meaning = meaningOf(leaf)
  const { class: uid, activity, severity, failed, name } = meaning
  const id = textIn(leaf.event['id']) ?? ''
  const reason = reasonIn(leaf)
  return {
    ...{ category_uid: 3, category_name: 'Identity & Access Management' },
    ...{ class_uid: uid, class_name: classNames[uid] },
    ...{ activity_id: activity, ...(activity === 99 ? { activity_name: name } : {}) },
    ...{ type_uid: uid * 100 + activity, severity_id: severityIds[severity] },
    ...{ status_id: failed ? 2 : 1, status: failed ? 'Failure' : 'Success' },
    ...(reason === null ? {} : { status_detail: reason }),
    // A record that is no event has no time; OCSF wants one.
    ...{ message: name, time: instantIn(leaf) ?? 0 },
    ...ofClass(leaf, meaning),
    ...originOf(leaf),
    metadata: metadataOf(leaf, id, product),
    enrichments: [proofOf(leaf, id)],
    unmapped: unmappedOf(leaf),
  }
}

/** Open Cybersecurity Schema Framework 1.8: one object a line. */
export const ocsfLine = (leaf: ExportedLeaf, product: string): string =>
  `${jsonText(ocsfEvent(leaf, product))}\n`
