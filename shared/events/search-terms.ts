import { canonicalAddress } from '../kernel/addresses/ip-address.ts'
import { isClientId, isTokenId } from '../kernel/ids.ts'

type SearchTerm = Readonly<{ form: string; read: (text: string) => string | null }>

const id: SearchTerm = { form: '32 hex digits', read: (text) => (isTokenId(text) ? text : null) }

/**
 * What has one form in every event. Another form is in none, and an empty answer to it would say
 * that nothing happened; so `read` gives the spelling that events have, or `null`.
 */
export const searchTerms = {
  session: id,
  token: id,
  client: {
    form: '1 to 64 of A-Z a-z 0-9 . _ -',
    read: (text) => (isClientId(text) ? text : null),
  },
  address: { form: 'an IP address', read: canonicalAddress },
} as const satisfies Readonly<Record<string, SearchTerm>>

export type SearchTermName = keyof typeof searchTerms
