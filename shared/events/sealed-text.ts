import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import type { KeyOwner, OwnerRole, PersonalFields } from './personal-fields.ts'

/**
 * What a commit says of persons, as `personal` of a commit and `ce_personal` of its records have
 * it: `1;<tags>;<part>;<part>…`. The format is a promise.
 * - tags: of the addresses in it, four hex digits each, with `,` between them. Some 65,000
 *   addresses share one: by a tag an event is found, and by none an address is told.
 * - part: `<role><events>:<base64url>`. The role names the owner of the key; the numbers of the
 *   events stand with `,` between them, and not at all where each event of the commit has it. The
 *   rest is nonce, AES-256-GCM, and its tag, over the fields as JSON.
 */
const version = '1'

export type SealedPart = Readonly<{
  role: OwnerRole
  /** The events of the commit that have it; `null`: each. */
  events: readonly number[] | null
  sealed: string
}>
export type SealedText = Readonly<{ tags: readonly string[]; parts: readonly SealedPart[] }>

const nonceBytes = 12
const tagBytes = 16

/** What a part is bound to: on another commit, under another key, it does not open. */
export type SealPlace = Readonly<{
  /** `stream:version`. */
  commit: string
  owner: KeyOwner
  part: Pick<SealedPart, 'role' | 'events'>
}>

const headOf = ({ role, events }: SealPlace['part']): string => `${role}${events?.join() ?? ''}`

const boundTo = ({ commit, owner, part }: SealPlace): Buffer =>
  Buffer.from(`curfew personal ${version}\n${commit}\n${owner}\n${headOf(part)}`)

export const sealBytes = (key: KeyObject, nonce: Buffer, bound: Buffer, text: string): string => {
  const sealing = createCipheriv('aes-256-gcm', key, nonce)
  sealing.setAAD(bound)
  const body = sealing.update(text, 'utf8')
  sealing.final()
  return Buffer.concat([nonce, body, sealing.getAuthTag()]).toString('base64url')
}

/** `null` for what was not sealed so. */
export const openBytes = (key: KeyObject, bound: Buffer, sealed: string): string | null => {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < nonceBytes + tagBytes) return null
  try {
    const opening = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
    opening.setAAD(bound)
    opening.setAuthTag(bytes.subarray(-tagBytes))
    const body = opening.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8')
    return body + opening.final('utf8')
  } catch {
    return null
  }
}

export const sealFields = (
  key: KeyObject,
  nonce: Buffer,
  place: SealPlace,
  fields: PersonalFields,
): string => sealBytes(key, nonce, boundTo(place), JSON.stringify(fields))

/** `null` when the part is of another commit, owner or key. */
export const openFields = (
  key: KeyObject,
  place: SealPlace,
  sealed: string,
): PersonalFields | null => {
  const text = openBytes(key, boundTo(place), sealed)
  return text === null ? null : (JSON.parse(text) as PersonalFields)
}

export const sealedTextOf = ({ tags, parts }: SealedText): string =>
  [version, tags.join(), ...parts.map((part) => `${headOf(part)}:${part.sealed}`)].join(';')

const partPattern = /^([asd])((?:\d{1,5}(?:,\d{1,5})*)?):([\w-]{38,})$/
const tagsPattern = /^(?:[0-9a-f]{4}(?:,[0-9a-f]{4})*)?$/

const partIn = (text: string): SealedPart | null => {
  const [, role, events, sealed] = partPattern.exec(text) ?? []
  if (role === undefined || sealed === undefined) return null
  return {
    role: role as OwnerRole,
    events: events ? events.split(',').map(Number) : null,
    sealed,
  }
}

const nothing: SealedText = { tags: [], parts: [] }

/** What is none of this version says nothing: newer ones may seal in another way. Never throws. */
export const readSealedText = (text: string): SealedText => {
  const [given, tags = '', ...parts] = text.split(';')
  if (given !== version || !tagsPattern.test(tags)) return nothing
  return {
    tags: tags === '' ? [] : tags.split(','),
    parts: parts.flatMap((part) => partIn(part) ?? []),
  }
}
