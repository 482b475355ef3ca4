import type { NewCommit } from './commit.ts'

const texts = new WeakMap<NewCommit, string>()

/**
 * A commit as JSON, as it is stored; made once, since its size is judged before it is appended. A
 * commit is never changed, so its text stays true.
 */
export const commitText = (commit: NewCommit): string => {
  const text = texts.get(commit) ?? JSON.stringify(commit)
  texts.set(commit, text)
  return text
}
