import type { Commit, Epoch } from '../../../shared/events/commit.ts'
import {
  type ClientId,
  clientStream,
  everyoneStream,
  type SessionId,
  type SubjectId,
  sessionStream,
  subjectStream,
  type TokenId,
  tokenStream,
} from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { cutoffsOf } from '../../../shared/session/cutoffs-in-force.ts'

export type UserAndClient = Readonly<{ sub: SubjectId; client: ClientId }>

export const readCutoffs = async (
  store: EventStore,
  { sub, client }: UserAndClient,
): Promise<Epoch> => {
  const streams = [subjectStream(sub), clientStream(client), everyoneStream]
  const [subject = null, ofClient = null, everyone = null] = await store.heads(streams)
  return cutoffsOf(subject, ofClient, everyone)
}

/** Reads all that decides whether a token is alive: session, cutoffs, the token's own stream. */
export const readSessionAndCutoffs = async (
  store: EventStore,
  { sid, sub, client, jti }: UserAndClient & Readonly<{ sid: SessionId; jti: TokenId }>,
): Promise<Readonly<{ newest: Commit | null; cutoffs: Epoch; tokenEnded: boolean }>> => {
  const streams = [
    sessionStream(sid),
    subjectStream(sub),
    clientStream(client),
    everyoneStream,
    tokenStream(jti),
  ]
  const heads = await store.heads(streams)
  const [newest = null, subject = null, ofClient = null, everyone = null, token = null] = heads
  return { newest, cutoffs: cutoffsOf(subject, ofClient, everyone), tokenEnded: token !== null }
}
