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

export type ReadWords = Readonly<{ filter: Filter; problem: string | null }>

/** What one word without a name is taken for. */
const guessed = (word: string): string => {
  if (/^[A-Z][a-z]+[A-Z][A-Za-z]+$/.test(word)) return 'kind'
  if (/^[0-9a-f]{32}$/.test(word)) return 'session'
  return /^\d{1,3}(\.\d{1,3}){3}$|^[0-9a-f]*:[0-9a-f:]+$/i.test(word) ? 'address' : 'user'
}

/** Words as somebody types them: `name:value`, or a value whose name is guessed. */
export const wordsRead = (
  text: string,
  names: readonly string[],
  guess: (word: string) => string,
): ReadWords => {
  const filter: Record<string, string> = {}
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const [, name = '', value = ''] = /^([a-z]+):(.+)$/.exec(word) ?? []
    if (name !== '' && names.includes(name)) filter[name] = value
    else if (name !== '' && guess(word) !== 'address') {
      const known = names.join(', ')
      return { filter, problem: `There is no ${name}: to search by. There are ${known}.` }
    } else filter[guess(word)] = word
  }
  return { filter, problem: null }
}

/** `user:alice kind:LoginFailed 10.0.0.1`, as somebody types it. */
export const filterOfWords = (text: string): ReadWords => wordsRead(text, filterNames, guessed)

export const wordsOfFilter = (filter: Filter): string =>
  Object.entries(filter)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ')
