import type { AcceptedToken } from '../../../shared/events/commit.ts'

/**
 * The claims of an accepted token, with its status-list index if it has one; `lists` is the address
 * of the lists. It depends on the commit alone and on no setting, so a replay has the same claims.
 */
export const acceptedClaims = ({ listed, ...token }: AcceptedToken, lists: string) => {
  if (!listed) return token
  const { list, idx } = listed
  return { ...token, status: { status_list: { idx, uri: `${lists}/${list}` } } }
}

/** Whether a claim is the status-list index of a token, which its successor must not copy. */
export const isStatusClaim = (name: string, value: unknown): boolean =>
  name === 'status' && typeof value === 'object' && value !== null && 'status_list' in value
