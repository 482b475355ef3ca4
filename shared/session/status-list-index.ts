import type {
  AcceptedToken,
  Epoch,
  Listing,
  PairSession,
  SlidingSession,
} from '../events/commit.ts'
import { type EpochMs, type EpochSeconds, msOf } from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'
import type { Opened } from './open-session.ts'
import { revocationMarginMs } from './session-policy.ts'

/** Tokens that expire in one window of time lie in the same lists, which go with the window. */
const windowSeconds = 900

/**
 * What the name of a list says. `until` is the end of its window. All its tokens were born under
 * the same cutoff of everyone, `all`: a greater one ends the whole list, also tokens of commits
 * that a restore from a backup lost.
 */
export type ListName = Readonly<{ until: EpochSeconds; all: number; shard: string }>

export const windowEnd = (exp: EpochSeconds): EpochSeconds =>
  ((Math.floor(exp / windowSeconds) + 1) * windowSeconds) as EpochSeconds

/** Sorts by `until`, as long as that has ten digits: until the year 2286. */
export const listNameText = ({ until, all, shard }: ListName): string =>
  `${until}-${all + 1}-${shard}`

const pattern = /^(\d{10})-(0|[1-9]\d{0,14})-([0-9a-f]{16})$/

/** `null` when `text` is no name of a list. Never throws. */
export const parseListName = (text: string): ListName | null => {
  const [, until, born, shard] = pattern.exec(text) ?? []
  if (until === undefined || born === undefined || shard === undefined) return null
  return { until: Number(until) as EpochSeconds, all: Number(born) - 1, shard }
}

/** Whether no token of the list can be alive, whatever leeway its reader gives. */
export const isPassed = ({ until }: Pick<ListName, 'until'>, now: EpochMs): boolean =>
  now >= msOf(until) + revocationMarginMs

/** Sorts before every list that is not passed. */
export const passedNames = (now: EpochMs): string =>
  String(Math.floor((now - revocationMarginMs) / 1000))

/** Draws a free place in a list for a token that expires at `exp`; no two tokens get the same. */
export type AssignStatusListIndex = (exp: EpochSeconds, epoch: Pick<Epoch, 'all'>) => Listing

const withIndex = (
  token: AcceptedToken,
  epoch: Epoch,
  assignIndex: AssignStatusListIndex,
): AcceptedToken => ({
  ...token,
  listed: assignIndex(token.exp, epoch),
})

/** The commit with its access token in a list. @throws AuthError COMMIT_TOO_LARGE */
export const withAccessStatusIndex = (
  whole: Opened<PairSession>,
  assignIndex: AssignStatusListIndex | null,
): Opened<PairSession> => {
  if (!assignIndex) return whole
  const { access, epoch } = whole.session
  const session = { ...whole.session, access: withIndex(access, epoch, assignIndex) }
  return completeCommit({ ...whole, session })
}

/** As `withAccessStatusIndex`, for a sliding token. */
export const withSlidingStatusIndex = (
  whole: Opened<SlidingSession>,
  assignIndex: AssignStatusListIndex | null,
): Opened<SlidingSession> => {
  if (!assignIndex) return whole
  const { sliding, epoch } = whole.session
  const token = withIndex(sliding.token, epoch, assignIndex)
  const session = { ...whole.session, sliding: { ...sliding, token } }
  return completeCommit({ ...whole, session })
}
