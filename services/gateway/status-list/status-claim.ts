import type { AcceptedToken } from '../../../shared/events/commit.ts'

/**
 * What an accepted token says of itself, with its place in a list below `lists`. By the commit
 * alone, whatever this gateway is told of lists: a replay says the same.
 */
export const acceptedClaims = ({ listed, ...token }: AcceptedToken, lists: string) => {
  if (!listed) return token
  const { list, idx } = listed
  return { ...token, status: { status_list: { idx, uri: `${lists}/${list}` } } }
}

/** What a sliding token says of its own list is not its successor's, also where lists are off. */
export const isStatusClaim = (name: string, value: unknown): boolean =>
  name === 'status' && typeof value === 'object' && value !== null && 'status_list' in value
