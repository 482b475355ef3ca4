import type { ListedToken, StandingEnd } from '../../../shared/events/listed-token.ts'
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
import { isBelow } from '../../../shared/session/cutoffs.ts'

/** Every revocation that readers must remember, by what it ends. */
export class RevocationsInForce {
  /** Sessions and single tokens, by their streams. */
  readonly #ended = new Set<StreamId>()
  readonly #cutoffs = new Map<StreamId, number>()

  add({ id: { s }, cutoff }: StandingEnd): void {
    if (s.startsWith('s/') || s.startsWith('j/')) this.#ended.add(s)
    else this.#cutoffs.set(s, Math.max(cutoff, this.#cutoffs.get(s) ?? -1))
  }

  get all(): number {
    return this.#cutoffOn(everyoneStream)
  }

  /** As `authenticate` judges by the heads of the same streams. */
  ends({ jti, sid, sub, client, epoch }: ListedToken): boolean {
    return (
      this.#ended.has(sessionStream(sid)) ||
      this.#ended.has(tokenStream(jti)) ||
      isBelow(epoch, {
        sub: this.#cutoffOn(subjectStream(sub)),
        client: this.#cutoffOn(clientStream(client)),
        all: this.all,
      })
    )
  }

  #cutoffOn(stream: StreamId): number {
    return this.#cutoffs.get(stream) ?? -1
  }
}

/** All that was acknowledged before the call, and is to be remembered at `at`. */
export const readRevocationsInForce = async (
  store: Pick<EventStore, 'standingEnds'>,
  at: EpochMs,
): Promise<RevocationsInForce> => {
  const ends = new RevocationsInForce()
  for await (const page of store.standingEnds(at)) for (const end of page) ends.add(end)
  return ends
}
