import type { ClientId } from '../../../shared/kernel/ids.ts'
import type { SessionList } from '../../../shared/ports/session-list.ts'
import { LogoutsInFlight } from './logouts-in-flight.ts'

type Settings = Readonly<{
  /** The client that sessions of a login belong to. */
  client: ClientId
  /** How many sessions a user may have; 0 = any number. */
  maxSessions: number
}>

/** Where sessions are listed, and what this gateway knows of those that are ending. */
export type Sessions = Settings & Readonly<{ list: SessionList; logoutsInFlight: LogoutsInFlight }>

export const openSessions = (
  { client, maxSessions }: Settings,
  { list }: Readonly<{ list: SessionList }>,
): Sessions => ({ client, maxSessions, list, logoutsInFlight: new LogoutsInFlight() })
