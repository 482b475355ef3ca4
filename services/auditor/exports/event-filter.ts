import { z } from 'zod'
import {
  actorIn,
  dataIn,
  type ExportedLeaf,
  instantIn,
  kindOf,
  userIn,
} from '../export-formats/index.ts'
import { textIn } from '../leaves/index.ts'

/** What is asked for, as far as an event says it itself. Each that is given must hold. */
export const eventFilter = z
  .object({
    /** Milliseconds since 1970: from this instant, and before that one. */
    ...{ since: z.int(), until: z.int() },
    kind: z.array(z.string()),
    /** The id of a user, not the name: that is all that an event has. */
    user: z.string(),
    ...{ session: z.string(), token: z.string(), client: z.string() },
    ...{ actor: z.string(), address: z.string() },
  })
  .partial()
  .strict()
export type EventFilter = Readonly<z.infer<typeof eventFilter>>

/** A revocation names what is dead as `sid:…`, `sub:…`. */
const names = (leaf: ExportedLeaf, member: string, prefix: string, value: string): boolean => {
  const { [member]: found, key } = dataIn(leaf)
  return found === value || key === `${prefix}:${value}`
}

const isWithin = (leaf: ExportedLeaf, { since, until }: EventFilter): boolean => {
  if (since === undefined && until === undefined) return true
  const at = instantIn(leaf)
  if (at === null) return false
  return (since === undefined || at >= since) && (until === undefined || at < until)
}

/** Whether all holds. What an event does not say of itself, it is not chosen by. */
export const isChosen = (filter: EventFilter, leaf: ExportedLeaf): boolean => {
  const { kind, user, session, token, client, actor, address } = filter
  return (
    (kind === undefined || kind.includes(kindOf(leaf))) &&
    isWithin(leaf, filter) &&
    (user === undefined || userIn(leaf) === user || names(leaf, 'sub', 'sub', user)) &&
    (session === undefined || names(leaf, 'sid', 'sid', session)) &&
    (token === undefined || names(leaf, 'jti', 'jti', token)) &&
    (client === undefined || names(leaf, 'client', 'client', client)) &&
    (actor === undefined || actorIn(leaf).id === actor) &&
    (address === undefined || textIn(dataIn(leaf)['address']) === address)
  )
}

/** Whether it leaves nothing out. */
export const isWhole = (filter: EventFilter): boolean =>
  Object.values(filter).every((one) => one === undefined)
