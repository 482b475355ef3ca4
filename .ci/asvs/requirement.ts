/**
 * Requirements of OWASP ASVS 5.0.0, levels 1 and 2, in our own words. A table is text, so that it
 * reads like one: `1.2.4 1 what it asks`, then, where there is one, a line that begins with `-`
 * (why it does not apply) or `!` (why it is not met). A longer text goes on in an indented line.
 */
export type Standing = 'applies' | 'elsewhere' | 'not-met'
export type Requirement = Readonly<{
  id: string
  level: 1 | 2
  what: string
  standing: Standing
  /** Empty where it applies and nothing is known against it. */
  reason: string
}>
export type Chapter = Readonly<{
  number: number
  title: string
  requirements: readonly Requirement[]
}>

const marks: Readonly<Record<string, Standing>> = { '-': 'elsewhere', '!': 'not-met' }

/** Lines of the table, with those that go on joined to the one before. */
const wholeLines = (text: string): string[] => {
  const lines: string[] = []
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const last = lines.pop()
    if (last === undefined) lines.push(line)
    else if (/^ {2,}\S/.test(line)) lines.push(`${last} ${line.trim()}`)
    else lines.push(last, line)
  }
  return lines
}

const requirementOf = (chapter: number, line: string): Requirement => {
  const [, id = '', level, what = ''] = /^(\d+\.\d+\.\d+) ([12]) (\S.*)$/.exec(line) ?? []
  if (!id.startsWith(`${chapter}.`)) throw new Error(`no requirement of ${chapter}: ${line}`)
  return { id, level: level === '1' ? 1 : 2, what, standing: 'applies', reason: '' }
}

export const chapter = (number: number, title: string, text: string): Chapter => {
  const requirements: Requirement[] = []
  for (const line of wholeLines(text)) {
    const standing = marks[line[0] ?? '']
    const last = standing === undefined ? undefined : requirements.pop()
    if (standing === undefined) requirements.push(requirementOf(number, line))
    else if (last?.standing !== 'applies') throw new Error(`a reason of nothing: ${line}`)
    else requirements.push({ ...last, standing, reason: line.slice(1).trim() })
  }
  return { number, title, requirements }
}
