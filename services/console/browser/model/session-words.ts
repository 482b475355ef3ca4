import { type ReadWords, wordsRead } from './filter.ts'

/** What sessions are searched by, as `GET /sessions/search` names it. */
export const sessionNames = [
  ...['user', 'address', 'agent', 'client', 'state', 'since', 'until'],
] as const

const guessed = (word: string): string => {
  if (/^(alive|ended|expired)$/.test(word)) return 'state'
  return /^\d{1,3}(\.\d{1,3}){3}$|^[0-9a-f]*:[0-9a-f:]+$/i.test(word) ? 'address' : 'user'
}

/** `user:alice state:alive agent:firefox`, as somebody types it. */
export const sessionWords = (text: string): ReadWords => wordsRead(text, sessionNames, guessed)
