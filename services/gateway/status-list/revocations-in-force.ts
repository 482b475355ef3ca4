import type {
  RevocationInForce,
  StatusListEntry,
} from '../../../shared/events/status-list-entry.ts'
import {
  clientStream,
  type EpochMs,
  everyoneStream,
  type StreamId,
  sessionStream,
  subjectStream,
  tokenStream,
} from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'

/** Every revocation in force: ended sessions, ended tokens, and cutoffs. */
export class RevocationsInForce {
  /** Sessions and single tokens, by their streams. */
  readonly #ended = new Set<StreamId>()
  readonly #cutoffs = new Map<StreamId, number>()

  add({ id: { s }, cutoff }: RevocationInForce): void {
    if (s.startsWith('s/') || s.startsWith('j/')) this.#ended.add(s)
    else this.#cutoffs.set(s, Math.max(cutoff, this.#cutoffs.get(s) ?? -1))
  }

  get cutoffOfAll(): number {
    return this.#cutoffOn(everyoneStream)
  }

  /** Whether a token is dead; the same rule as that of `authenticate`. */
  ends({ jti, sid, sub, client, epoch }: StatusListEntry): boolean {
    return (
      this.#ended.has(sessionStream(sid)) ||
      this.#ended.has(tokenStream(jti)) ||
      isBelowCutoff(epoch, {
        sub: this.#cutoffOn(subjectStream(sub)),
        client: this.#cutoffOn(clientStream(client)),
        all: this.cutoffOfAll,
      })
    )
  }

  #cutoffOn(stream: StreamId): number {
    return this.#cutoffs.get(stream) ?? -1
  }
}

/** Reads every revocation that was acknowledged before the call and is in force at `at`. */
export const readRevocationsInForce = async (
  store: Pick<EventStore, 'standingEnds'>,
  at: EpochMs,
): Promise<RevocationsInForce> => {
  const revocations = new RevocationsInForce()
  for await (const page of store.standingEnds(at)) for (const end of page) revocations.add(end)
  return revocations
}
