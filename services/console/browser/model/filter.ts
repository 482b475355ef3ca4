import type { Query } from './query.ts'

/** What events are asked by, as `GET /audit/events` names it. */
export const filterNames = [
  ...['user', 'session', 'token', 'client', 'actor', 'kind', 'address', 'since', 'until'],
] as const

export type Filter = Query

export const filterOf = (query: Query): Filter =>
  Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = query[name] ?? ''
      return value === '' ? [] : [[name, value] as const]
    }),
  )

const isName = (text: string): boolean => (filterNames as readonly string[]).includes(text)

export type ReadWords = Readonly<{ filter: Filter; problem: string | null }>

/** What one word without a name is taken for. */
const guessed = (word: string): string => {
  if (/^[A-Z][a-z]+[A-Z][A-Za-z]+$/.test(word)) return 'kind'
  if (/^[0-9a-f]{32}$/.test(word)) return 'session'
  return /^\d{1,3}(\.\d{1,3}){3}$|^[0-9a-f]*:[0-9a-f:]+$/i.test(word) ? 'address' : 'user'
}

/** `user:alice kind:LoginFailed 10.0.0.1`, as somebody types it. */
export const filterOfWords = (text: string): ReadWords => {
  const filter: Record<string, string> = {}
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const [, name = '', value = ''] = /^([a-z]+):(.+)$/.exec(word) ?? []
    if (name !== '' && isName(name)) filter[name] = value
    else if (name !== '' && /^[a-z]+$/.test(name) && guessed(word) !== 'address') {
      const known = filterNames.join(', ')
      return { filter, problem: `There is no ${name}: to search by. There are ${known}.` }
    } else filter[guessed(word)] = word
  }
  return { filter, problem: null }
}

export const wordsOfFilter = (filter: Filter): string =>
  Object.entries(filter)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ')
