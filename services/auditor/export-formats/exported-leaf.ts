import { AuthError } from '../../../shared/kernel/errors.ts'
import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import { leafHash, type TreeHash } from '../../../shared/tlog/merkle-hash.ts'
import { objectIn, textIn } from '../leaves/index.ts'

/** Where a leaf lies in the trail. */
export type LeafPlace = Readonly<{
  /** The origin of its log, as the checkpoint names it. */
  log: string
  life: string
  partition: number
  index: number
}>

/** A leaf on its way out of the trail. */
export type ExportedLeaf = LeafPlace &
  Readonly<{
    bytes: Buffer
    /** What the tree has of it. */
    hash: TreeHash
    /** Its CloudEvent. Whoever may write to the topic chose what is in it. */
    event: Readonly<Record<string, unknown>>
  }>

/** @throws AuthError TRAIL_INVALID for bytes that are no leaf, or that would be two lines */
export const exportedLeaf = (place: LeafPlace, bytes: Buffer): ExportedLeaf => {
  const event = objectIn(bytes)
  if (event !== null && !bytes.includes('\n'))
    return { ...place, bytes, hash: leafHash(bytes), event }
  const { life, partition, index } = place
  throw new AuthError('TRAIL_INVALID', `${life}/${partition}: leaf ${index} is no leaf of a trail`)
}

/** What the event says of itself; nothing when that is no object. */
export const dataIn = ({ event }: ExportedLeaf): Readonly<Record<string, unknown>> =>
  isPlainObject(event['data']) ? event['data'] : {}

const ownPrefix = 'curfew.'

/** The type of a CloudEvent; of Curfew’s own without the prefix. */
export const kindOf = ({ event }: Pick<ExportedLeaf, 'event'>): string => {
  const type = textIn(event['type']) ?? ''
  return type.startsWith(ownPrefix) ? type.slice(ownPrefix.length) : type
}

/** The user that it is about; nobody where the name was not known. */
export const userIn = (leaf: ExportedLeaf): string | null =>
  textIn(leaf.event['subject']) ?? textIn(dataIn(leaf)['sub'])

export type LeafActor = Readonly<{ by: string | null; id: string | null }>

/** On whose word: the attribute `by:id`, or, before there was one, a member of the data. */
export const actorIn = (leaf: ExportedLeaf): LeafActor => {
  const [, by, id] = /^([^:]+):(.+)$/su.exec(textIn(leaf.event['actor']) ?? '') ?? []
  if (by !== undefined && id !== undefined) return { by, id }
  const { actor } = dataIn(leaf)
  return isPlainObject(actor)
    ? { by: textIn(actor['by']), id: textIn(actor['id']) }
    : { by: null, id: null }
}

/** Why: under the name that the type of event has for it. */
export const reasonIn = (leaf: ExportedLeaf): string | null => {
  const { reason, code, limit, cause } = dataIn(leaf)
  return textIn(reason) ?? textIn(code) ?? textIn(limit) ?? textIn(cause)
}

/** When it happened, as it says; milliseconds since 1970. */
export const instantIn = ({ event }: Pick<ExportedLeaf, 'event'>): number | null => {
  const at = Date.parse(textIn(event['time']) ?? '')
  return Number.isNaN(at) ? null : at
}

/** What a proof of inclusion begins with. */
export const hashOf = ({ hash }: ExportedLeaf): string => hash.toString('base64')
