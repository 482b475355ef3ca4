import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import { cutoffKeysOf } from '../../../shared/session/cutoff-commit.ts'
import { clocksMs, raceMs } from '../../../shared/session/session-policy.ts'
import type { Breach } from './invariant-breach.ts'
import type { SeenEvent } from './seen-event.ts'

type Place = Readonly<{ id: string; version: number }>
/** A token that was replaced: by whom, and which rotations said that it ended. */
type Replaced = { successors: Map<string, Place>; rotation: Place | null }

/** Leeway for expired tokens is 60 s at most. */
const expiryLateMs = 60_000 + raceMs
/** A refresh token is replaced once; more than these of one session are not told apart. */
const replacedMax = 8

/**
 * What one session’s events say of its tokens, in whatever order they come: at most one successor
 * of each refresh token that a rotation ended, and no use after the session’s end, or a token’s
 * expiry.
 */
export class SessionInvariants {
  readonly #replaced = new Map<string, Replaced>()
  readonly #expiries = new Map<string, Readonly<{ id: string; expMs: number }>>()
  #end: SeenEvent | null = null
  #lastUse: SeenEvent | null = null
  #replay: SeenEvent | null = null
  #login: SeenEvent | null = null
  #sub: string | null = null

  observe(seen: SeenEvent): readonly Breach[] {
    const { event } = seen
    switch (event.type) {
      case 'TokenIssued':
        return this.#issued(seen, event.data)
      case 'TokenRevoked':
        return event.data.scope === 'session'
          ? this.#ended(seen)
          : this.#rotated(seen, event.data.key, event.data.reason)
      case 'GraceReplayed':
        this.#replay = newer(this.#replay, seen)
        return this.#usedAfterEnd()
      default:
        return []
    }
  }

  /** A use long after a cutoff that the session began before. What is closer may be a race. */
  belowCutoffs(cutoffs: ReadonlyMap<string, SeenEvent>, seen: SeenEvent): readonly Breach[] {
    const [login, { event }] = [this.#login, seen]
    if (login === null || event.type !== 'TokenIssued' || seen.version === 0) return []
    return cutoffKeysOf(event.data).flatMap((key) => {
      const cutoff = cutoffs.get(key)
      const isBelow = cutoff !== undefined && login.at < cutoff.at - clocksMs
      if (!isBelow || seen.at <= cutoff.at + 2 * raceMs) return []
      return [this.#breach('none_used_after_end', seen, [cutoff.id, seen.id])]
    })
  }

  #issued(seen: SeenEvent, { jti, kind, exp, replaces, sub }: Issued): readonly Breach[] {
    this.#sub = sub
    if (seen.version === 0) this.#login = seen
    this.#lastUse = byVersion(this.#lastUse, seen)
    const found = [...this.#usedAfterEnd()]
    if (kind === 'refresh') {
      const expiry = { id: seen.id, expMs: exp * 1_000 }
      setInBoundedMap(this.#expiries, jti, expiry, replacedMax)
    }
    if (replaces === null) return found
    const expired = this.#expiries.get(replaces)
    if (expired && seen.at > expired.expMs + expiryLateMs) {
      found.push(this.#breach('none_used_after_end', seen, [expired.id, seen.id]))
    }
    const replaced = this.#replacedOf(replaces)
    replaced.successors.set(jti, seen)
    return [...found, ...this.#successors(replaced, seen)]
  }

  #rotated(seen: SeenEvent, key: string, reason: string): readonly Breach[] {
    if (reason !== 'rotated' || !key.startsWith('jti:')) return []
    const replaced = this.#replacedOf(key.slice('jti:'.length))
    const { rotation } = replaced
    if (rotation === null || seen.version < rotation.version) replaced.rotation = seen
    return this.#successors(replaced, seen)
  }

  #ended(seen: SeenEvent): readonly Breach[] {
    if (this.#end === null || seen.version < this.#end.version) this.#end = seen
    return this.#usedAfterEnd()
  }

  /** A successor from a later version than the rotation that ended the token is a second one. */
  #successors({ successors, rotation }: Replaced, seen: SeenEvent): readonly Breach[] {
    if (rotation === null || successors.size < 2) return []
    const ids = [...successors.values()].sort((a, b) => a.version - b.version).map(({ id }) => id)
    return [this.#breach('one_successor', seen, ids.slice(0, 2))]
  }

  #usedAfterEnd(): readonly Breach[] {
    const end = this.#end
    if (end === null) return []
    const [use, replay] = [this.#lastUse, this.#replay]
    const uses = [
      use !== null && use.version > end.version ? use : null,
      replay !== null && replay.at > end.at + raceMs ? replay : null,
    ]
    return uses.flatMap((one) =>
      one === null ? [] : [this.#breach('none_used_after_end', end, [end.id, one.id])],
    )
  }

  #replacedOf(jti: string): Replaced {
    const known = this.#replaced.get(jti) ?? { successors: new Map(), rotation: null }
    setInBoundedMap(this.#replaced, jti, known, replacedMax)
    return known
  }

  #breach(invariant: Breach['invariant'], { stream, event }: SeenEvent, events: string[]): Breach {
    const sid = 'sid' in event.data ? event.data.sid : null
    const own = stream.startsWith('s/') ? stream : `s/${sid}`
    return { invariant, stream: own, sub: this.#sub, sid, events }
  }
}

type Issued = Readonly<{
  jti: string
  kind: string
  exp: number
  replaces: string | null
  sub: string
}>

const newer = (a: SeenEvent | null, b: SeenEvent): SeenEvent => (a === null || b.at > a.at ? b : a)
const byVersion = (a: SeenEvent | null, b: SeenEvent): SeenEvent =>
  a === null || b.version > a.version ? b : a
