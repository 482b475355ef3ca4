import { canonicalAddress } from '../kernel/addresses/ip-address.ts'
import { isTokenId } from '../kernel/ids.ts'

type SearchTerm = Readonly<{ form: string; read: (text: string) => string | null }>

const id: SearchTerm = { form: '32 hex digits', read: (text) => (isTokenId(text) ? text : null) }

/**
 * What has one form in every event. Another form is in none, and an empty answer to it would say
 * that nothing happened; so `read` gives the spelling that events have, or `null`.
 */
export const searchTerms = {
  session: id,
  token: id,
  address: { form: 'an IP address', read: canonicalAddress },
} as const satisfies Readonly<Record<string, SearchTerm>>

export type SearchTermName = keyof typeof searchTerms
