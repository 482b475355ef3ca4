import { chapters } from '../../.ci/asvs/chapters.ts'
import { chapter } from '../../.ci/asvs/requirement.ts'
import { readTags, taggedFiles } from '../../.ci/asvs/tags.ts'
import { assert, claims } from '../support/suite.ts'

/** How many of level 1 and 2 the standard has in each chapter (5.0.0, as OWASP published it). */
const published: readonly (readonly [level1: number, level2: number])[] = [
  [8, 19],
  [4, 7],
  [8, 11],
  [2, 8],
  [4, 5],
  [13, 22],
  [6, 12],
  [4, 3],
  [4, 3],
  [5, 24],
  [3, 11],
  [3, 6],
  [1, 12],
  [2, 7],
  [3, 10],
  [0, 16],
]

const sample = chapter(
  1,
  'A chapter',
  `
1.1.1 1 Something
  that goes on
1.1.2 2 Something else
- there is none
1.1.3 2 A third thing
! not yet
`,
)

const suite = (...lines: readonly string[]): string =>
  ["claims('a suite', {", ...lines, '})'].join('\n')
const claim = "  'a sentence that holds': () => {},"
const read = (...lines: readonly string[]) =>
  readTags([{ path: 'test/a.test.ts', text: suite(...lines) }], [sample])

claims('the table of ASVS', {
  'has every requirement of level 1 and 2 of chapters 1 to 16, once': () => {
    const counted = chapters.map(({ requirements }) =>
      [1, 2].map((level) => requirements.filter((one) => one.level === level).length),
    )
    assert.equal(counted, published)
    const ids = chapters.flatMap(({ requirements }) => requirements.map(({ id }) => id))
    assert.is(new Set(ids).size, ids.length)
    assert.equal(
      chapters.map(({ number }) => number),
      published.map((_, index) => index + 1),
    )
  },

  'gives a reason for each that does not apply or is not met, and for no other': () => {
    for (const { id, standing, reason } of chapters.flatMap((each) => each.requirements)) {
      assert.is(reason === '', standing === 'applies', id)
    }
  },

  'is read as written, and what is none is refused': () => {
    assert.equal(
      sample.requirements.map(({ id, level, what, standing, reason }) =>
        [id, level, what, standing, reason].join('|'),
      ),
      [
        '1.1.1|1|Something that goes on|applies|',
        '1.1.2|2|Something else|elsewhere|there is none',
        '1.1.3|2|A third thing|not-met|not yet',
      ],
    )
    for (const wrong of ['1.1.1 3 x', '2.1.1 1 x', '1.1 1 x', '- x', '1.1.1 1 x\n- y\n! z', 'x']) {
      assert.throws(() => chapter(1, 'A chapter', wrong), undefined, wrong)
    }
  },
})

claims('tags of ASVS', {
  'name requirements that apply, and stand above claims': () => {
    const { shown, mistakes } = readTags(taggedFiles(), chapters)
    assert.equal(mistakes, [])
    assert.ok(shown.length > 100)
  },

  'are read in every form of a claim': () => {
    const forms = [claim, '  "it isn’t here": () => {},', '  [`of $' + '{many} things`]: () => {},']
    for (const form of forms) {
      const { shown, mistakes } = read('  // asvs: 1.1.1', form)
      assert.equal(mistakes, [], form)
      assert.equal(
        shown.map(({ id, suite: title, path }) => [id, title, path]),
        [['1.1.1', 'a suite', 'test/a.test.ts']],
      )
    }
    const escaped = read('  // asvs: 1.1.1', "  'a user\\'s own': () => {},").shown
    assert.is(escaped[0]?.claim, "a user's own")
  },

  'are told when the requirement is unknown, does not apply or is not met': () => {
    for (const [id, fault] of [
      ['1.1.9', 'no requirement'],
      ['1.1.2', 'not to apply'],
      ['1.1.3', 'not to be met'],
    ]) {
      const { shown, mistakes } = read(`  // asvs: ${id}`, claim)
      assert.is(shown.length, 0)
      assert.match(mistakes.join('\n'), new RegExp(`^test/a\\.test\\.ts:2: ${id} .*${fault}`))
    }
  },

  'are told when no claim is below them, or they are written otherwise': () => {
    const below = [
      '  const at = 1',
      '',
      '  // a comment',
      "  'word': () => {},",
      "  f('a sentence: of an argument')",
    ]
    for (const line of below) {
      const { shown, mistakes } = read('  // asvs: 1.1.1', line)
      assert.equal([shown.length, mistakes.length], [0, 1], line)
    }
    for (const tag of ['asvs 1.1.1', 'asvs: 1.1.1,1.1.1', 'asvs: V1.1.1', 'ASVS: 1.1.1', 'asvs:']) {
      assert.is(read(`  // ${tag}`, claim).mistakes.length, 1, tag)
    }
    const rows = { path: 'test/rows.ts', text: `  // asvs: 1.1.1\n${claim}` }
    assert.is(readTags([rows], [sample]).mistakes.length, 1, 'a file without a suite')
  },
})
