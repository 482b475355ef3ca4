import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Chapter, Requirement } from './requirement.ts'

export type TestFile = Readonly<{ path: string; text: string }>
export type Shown = Readonly<{ id: string; suite: string; claim: string; path: string }>
export type Tags = Readonly<{ shown: readonly Shown[]; mistakes: readonly string[] }>

const root = join(import.meta.dirname, '..', '..')

/** Files whose claims a run proves: suites, and claims that several suites share. */
export const taggedFiles = (): TestFile[] =>
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.ts') && !path.startsWith('test/fixtures/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const tagForm = /^\s*\/\/ asvs: (\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*)$/
const tagLike = /^\s*\/\/\s*asvs\b/i
/** `'a sentence': …`, `"…": …` or `` [`…`]: … ``: a member of what `claims` takes. */
const claimForm = /^\s+(?:'((?:[^'\\]|\\.)+)'|"((?:[^"\\]|\\.)+)"|\[`([^`]+)`\]):/

const claimOf = (line: string): string | null => {
  const [, single, double, template] = claimForm.exec(line) ?? []
  const sentence = single ?? double ?? template ?? ''
  return sentence.includes(' ') ? sentence.replaceAll(/\\(.)/g, '$1') : null
}

const suiteForm = /\b(?:claims|contract(?:<\w+>)?)\((?:'([^']+)'|"([^"]+)")/

/** The title of the suite that line stands in, where it is on the line that begins the suite. */
const titleAt = (lines: readonly string[], index: number): string => {
  for (let at = index; at >= 0; at -= 1) {
    const [, single, double] = suiteForm.exec(lines[at] ?? '') ?? []
    const title = single ?? double
    if (title !== undefined) return title
  }
  return ''
}

const faultOf = (id: string, known: ReadonlyMap<string, Requirement>): string | null => {
  const requirement = known.get(id)
  if (requirement === undefined) return `${id} is no requirement of level 1 or 2`
  if (requirement.standing === 'elsewhere') return `${id} is said not to apply`
  return requirement.standing === 'not-met' ? `${id} is said not to be met` : null
}

const tagsIn = ({ path, text }: TestFile, known: ReadonlyMap<string, Requirement>): Tags => {
  const shown: Shown[] = []
  const mistakes: string[] = []
  const isSuite = /\bclaims\(|\bClaims\b|\bcontract[(<]/.test(text)
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    if (!tagLike.test(line)) continue
    const place = `${path}:${index + 1}`
    const ids = tagForm.exec(line)?.[1]?.split(', ')
    const suite = titleAt(lines, index)
    const claim = isSuite ? claimOf(lines[index + 1] ?? '') : null
    if (ids === undefined) mistakes.push(`${place}: a tag is written // asvs: 1.2.3, 4.5.6`)
    if (claim === null) mistakes.push(`${place}: no claim is below the tag`)
    for (const id of ids ?? []) {
      const fault = faultOf(id, known)
      if (fault !== null) mistakes.push(`${place}: ${fault}`)
      if (fault === null && claim !== null) shown.push({ id, suite, claim, path })
    }
  }
  return { shown, mistakes }
}

/** What the tags of these tests say, and what is wrong with them. */
export const readTags = (files: readonly TestFile[], chapters: readonly Chapter[]): Tags => {
  const known = new Map(chapters.flatMap((each) => each.requirements.map((one) => [one.id, one])))
  const found = files.map((file) => tagsIn(file, known))
  return {
    shown: found.flatMap(({ shown }) => shown),
    mistakes: found.flatMap(({ mistakes }) => mistakes),
  }
}
