import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Asking, firstOf, type Page, pageOf } from '../audit/index.ts'
import type { Login } from './cutoff-verdict.ts'
import { eventsOf, mapEach, type Rows } from './question-rows.ts'

export type NewAddress = Readonly<{
  at: EpochMs
  sub: string
  sid: string
  client: string
  address: string
  agent: string | null
  /** The user’s first login of all: every address is new then. */
  isFirst: boolean
  event: string
}>

const isOldest = async (asking: Asking, login: Login, address?: string): Promise<boolean> => {
  const filter = { step: 'login', user: login.data.sub, address: address ?? null } as const
  return (await firstOf(asking, filter, { order: 'oldest' }))?.id === login.id
}

const newAddress = async (asking: Asking, login: Login): Promise<NewAddress | null> => {
  const { sub, sid, client, address, agent } = login.data
  if (address === null || !(await isOldest(asking, login, address))) return null
  const isFirst = await isOldest(asking, login)
  return { ...{ at: login.at, sub, sid, client, address, agent, isFirst }, event: login.id }
}

/** Logins from an address from which this user had not logged in before. */
export const newAddresses = async (
  asking: Asking,
  user: string | null,
  page: Page,
): Promise<Rows<NewAddress>> => {
  const { events, next } = await pageOf(asking, { step: 'login', user }, page)
  const rows = await mapEach(eventsOf(events, 'TokenIssued'), (login) => newAddress(asking, login))
  return { rows: rows.filter((row) => row !== null), next }
}
