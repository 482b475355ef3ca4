import type { Commit, NewCommit } from '../../../shared/events/commit.ts'

const known = new Map<string, number>()

/** A number for a text: the same for the same text, in this process. */
export const digestOf = (text: string): number => {
  const found = known.get(text)
  if (found !== undefined) return found
  known.set(text, known.size)
  return known.size - 1
}

const texts = new WeakMap<NewCommit, number>()

/** A commit with all that decisions rest on. */
export const commitDigest = (commit: NewCommit): number => {
  const before = texts.get(commit)
  if (before !== undefined) return before
  const { published: _, ...rest } = { published: null, ...commit }
  const made = digestOf(JSON.stringify(rest))
  texts.set(commit, made)
  return made
}

/** As it is read: whether it was published is asked of revocations only. */
export const readDigest = (commit: Commit | null): string => {
  if (commit === null) return 'none'
  const { published, kind } = commit
  const at = kind === 'r' && published ? `${published.logId}:${published.offset}` : ''
  return `${commitDigest(commit)}${at}`
}
