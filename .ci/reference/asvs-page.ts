import { chapters } from '../asvs/chapters.ts'
import type { Chapter, Requirement, Standing } from '../asvs/requirement.ts'
import { readTags, type Shown, taggedFiles } from '../asvs/tags.ts'
import { generated, page, table } from './tables.ts'

type Proofs = ReadonlyMap<string, readonly Shown[]>

const proofsOf = (shown: readonly Shown[]): Proofs => {
  const proofs = new Map<string, Shown[]>()
  for (const one of shown) proofs.set(one.id, [...(proofs.get(one.id) ?? []), one])
  return proofs
}

/** No link: the package holds this page and no tests. */
const named = ({ suite, claim, path }: Shown): string =>
  `${suite === '' ? '' : `${suite}: `}${claim} (\`${path}\`)`
const standing = (chapter: Chapter, wanted: Standing): readonly Requirement[] =>
  chapter.requirements.filter((requirement) => requirement.standing === wanted)
const all = (wanted: Standing): readonly Requirement[] =>
  chapters.flatMap((chapter) => standing(chapter, wanted))

const counts = (proofs: Proofs): readonly string[] => {
  const [applying, notMet, elsewhere] = [all('applies'), all('not-met'), all('elsewhere')]
  const unshown = applying.filter(({ id }) => !proofs.has(id))
  const shown = applying.length - unshown.length
  const standard = 'https://github.com/OWASP/ASVS'
  return [
    `Requirements of the [OWASP Application Security Verification Standard](${standard}) 5.0.0,`,
    'levels 1 and 2, chapters 1 to 16, in our own words: the standard’s text counts. It is a',
    'statement of the project about itself, and no certificate.',
    '',
    `**${notMet.length} are not met, and ${unshown.length} are shown by no test.** Of the`,
    `${applying.length + notMet.length} that apply, tests show ${shown};`,
    `${elsewhere.length} do not apply, with the reason at the end.`,
    '',
  ]
}

const open = (proofs: Proofs): readonly string[] => [
  '## Not met',
  '',
  ...table(
    ['', 'level', 'what', 'why'],
    all('not-met').map(({ id, level, what, reason }) => [id, `${level}`, what, reason]),
  ),
  '',
  '## Shown by no test',
  '',
  'Curfew means to keep these; nothing goes red if it does not.',
  '',
  ...table(
    ['', 'level', 'what'],
    all('applies')
      .filter(({ id }) => !proofs.has(id))
      .map(({ id, level, what }) => [id, `${level}`, what]),
  ),
  '',
]

const shownIn = (chapter: Chapter, proofs: Proofs): readonly string[] => {
  const rows = standing(chapter, 'applies').flatMap(({ id, level, what }) => {
    const shown = proofs.get(id)
    return shown === undefined ? [] : [[id, `${level}`, what, shown.map(named).join('<br>')]]
  })
  if (rows.length === 0) return []
  const head = `### ${chapter.number} ${chapter.title}`
  return [head, '', ...table(['', 'level', 'what', 'shown by'], rows), '']
}

const elsewhereIn = (chapter: Chapter): readonly (readonly string[])[] =>
  standing(chapter, 'elsewhere').map(({ id, level, what, reason }) => [
    id,
    `${level}`,
    what,
    reason,
  ])

/** `docs/reference/asvs.md` */
export const asvsPage = (): string => {
  const proofs = proofsOf(readTags(taggedFiles(), chapters).shown)
  return page(
    generated('ASVS 5.0', 'the table in .ci/asvs and the tags `// asvs: …` above claims of tests'),
    counts(proofs),
    open(proofs),
    [
      '## Shown by tests',
      '',
      'Suite, claim and file in the repository, as `npm test` names them.',
      '',
    ],
    ...chapters.map((chapter) => shownIn(chapter, proofs)),
    ['## Does not apply', ''],
    table(['', 'level', 'what', 'why'], chapters.flatMap(elsewhereIn)),
  )
}
