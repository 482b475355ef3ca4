import type { NewCommit } from './commit.ts'

const texts = new WeakMap<NewCommit, string>()

/**
 * The same commit with the request that appends it. Its text is made of the text that there is: to
 * make it anew took 5 µs of each refresh.
 */
export const withRequest = (commit: NewCommit, request: string): NewCommit => {
  const requested = { ...commit, request }
  const text = texts.get(commit)
  if (text !== undefined && commit.request === undefined) {
    texts.set(requested, `${text.slice(0, -1)},"request":${JSON.stringify(request)}}`)
  }
  return requested
}

/**
 * A commit as JSON, as it is stored; made once, since its size is judged before it is appended. A
 * commit is never changed, so its text stays true.
 */
export const commitText = (commit: NewCommit): string => {
  const text = texts.get(commit) ?? JSON.stringify(commit)
  texts.set(commit, text)
  return text
}
