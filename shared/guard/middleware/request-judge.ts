import type { Caller } from '../api/caller.ts'
import type { Guard } from '../api/guard.ts'
import {
  effectivePlaces,
  fixedPlaces,
  placesOfIssuer,
  type TokenPlaces,
} from '../api/token-places.ts'
import type { OnStale } from '../api/verdict.ts'
import { type Connection, callerWithSignal } from '../open-connections/index.ts'
import {
  answerToCredentials,
  answerToVerdict,
  type Challenge,
  type Credentials,
  credentialsOf,
  type HttpAnswer,
} from './http-answer.ts'

export type { Caller } from '../api/caller.ts'

/** What every adapter for a framework takes; another one for some routes is a second adapter. */
export type GuardHttpOptions = Readonly<{
  /**
   * As the gateway says, without it: `__Host-access` behind https, `access` on a developer's
   * machine.
   */
  cookieName?: string
  /** As the gateway says, without it: `Authorization` as a rule. */
  headerName?: string
  /**
   * What stands before the token in that header; as the gateway says, without it: `Bearer` as a
   * rule. The first is shown.
   */
  headerTypes?: readonly string[]
  realm?: string
  /**
   * The header in which a caller that revoked something shows the position it was answered, to
   * be judged by nobody who has not read as far. `Revocation-Position` without it.
   */
  positionHeader?: string
  /** For these routes, instead of the guard's own policy. */
  onStale?: OnStale
  /** Whether answers carry `Curfew-Staleness`; true without it. */
  stalenessHeader?: boolean
}>

/**
 * Reads one header of a request: its value, or each line where it came more than once; `undefined`
 * when it did not come.
 */
export type ReadHeader = (name: string) => string | readonly string[] | undefined
type Headers = Readonly<Record<string, string>>

export type Judged =
  | Readonly<{ outcome: 'passed'; caller: Caller; headers: Headers }>
  /** To be answered as it stands, and nothing behind the guard to be run. */
  | Readonly<{ outcome: 'answered'; answer: Omit<HttpAnswer, 'headers'>; headers: Headers }>

export interface RequestJudge {
  /** The headers by which answers differ, as `Vary` names them. */
  readonly vary: string
  /**
   * Never rejects. Cost: that of `guard.check`. `connection` is the response, or the socket of an
   * upgrade: when it closes, nothing waits for the caller's end any more.
   */
  judge(header: ReadHeader, connection?: Connection): Promise<Judged>
  /** Whether the header decides, good or bad, and no cookie speaks. */
  isInHeader(header: ReadHeader): boolean
}

/** A guard, or a stand-in in the tests of a service. */
export type CheckingGuard = Pick<Guard, 'check' | 'freshness'> &
  Partial<Pick<Guard, 'onEnded' | 'requests'>>

// An RFC 9651 decimal: seconds, three digits. Absent when nothing bounds the staleness.
const stalenessOf = (guard: CheckingGuard): Headers => {
  const { stalenessMs } = guard.freshness()
  return stalenessMs === null ? {} : { 'Curfew-Staleness': (stalenessMs / 1_000).toFixed(3) }
}

const answered = ({ headers, ...answer }: HttpAnswer, more: Headers = {}): Judged => ({
  outcome: 'answered',
  answer,
  headers: { ...headers, ...more },
})

/** RFC 9110, 5.3; of cookies RFC 9113, 8.2.3. */
const joined = (value: ReturnType<ReadHeader>, by: string): string | undefined =>
  value === undefined || typeof value === 'string' ? value : value.join(by)

/**
 * What all adapters for frameworks do: read the credentials and the position, ask the guard, say
 * what is to be answered.
 *
 * @throws TypeError when `realm` or a header type cannot stand in a header.
 */
export const requestJudge = (
  guard: CheckingGuard,
  {
    cookieName,
    headerName,
    headerTypes,
    realm = 'api',
    positionHeader = 'Revocation-Position',
    onStale,
    stalenessHeader = true,
  }: GuardHttpOptions = {},
): RequestJudge => {
  if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(realm)) throw new TypeError('realm is no quoted text')
  if (!(headerTypes ?? []).every((type) => /^[\w!#$%&'*+.^`|~-]+$/.test(type))) {
    throw new TypeError('a header type is no token')
  }
  const told = { cookieName, headerName, headerTypes }
  const { requests = fixedPlaces(placesOfIssuer('')) } = guard
  requests.told(told)
  const places = (): TokenPlaces => effectivePlaces(requests.current(), told)
  const challenge = (): Challenge => ({ realm, scheme: places().headerTypes[0] ?? 'Bearer' })
  const credentialsIn = (header: ReadHeader, cookie: string): Credentials => {
    const { headerName: name, headerTypes: types, cookieNames } = places()
    const shown = { authorization: header(name) ?? [], cookie }
    for (const cookieName of cookieNames) {
      const read = credentialsOf(shown, cookieName, types)
      if (read.kind !== 'none') return read
    }
    return { kind: 'none' }
  }
  return {
    get vary() {
      return `${places().headerName}, Cookie`
    },
    isInHeader: (header) => credentialsIn(header, '').kind !== 'none',
    judge: async (header, connection) => {
      const credentials = credentialsIn(header, joined(header('Cookie'), '; ') ?? '')
      if (credentials.kind !== 'token')
        return answered(answerToCredentials(credentials, challenge()))
      const minPosition = joined(header(positionHeader), ', ')
      const verdict = await guard.check(credentials.token, { minPosition, onStale })
      const headers = stalenessHeader ? stalenessOf(guard) : {}
      if (verdict.outcome !== 'accepted') {
        return answered(answerToVerdict(verdict, challenge()), headers)
      }
      const caller = callerWithSignal(verdict, { guard, connection, onStale })
      return { outcome: 'passed', caller, headers }
    },
  }
}
