import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { english } from '../../../../../services/gateway/pages/texts/english.ts'
import { preferredLanguage } from '../../../../../services/gateway/pages/texts/index.ts'
import { korean } from '../../../../../services/gateway/pages/texts/korean.ts'
import {
  type Language,
  readLanguages,
  shipped,
} from '../../../../../services/gateway/pages/texts/read-texts.ts'
import { wordsIn } from '../../../../../services/gateway/pages/texts/words.ts'
import type { EpochMs } from '../../../../../shared/kernel/ids.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'

const reading = (file: unknown, prove: (read: ReturnType<typeof readLanguages>) => void) =>
  inTempFolder('texts', async (dir) => {
    const path = join(dir, 'texts.json')
    await writeFile(path, typeof file === 'string' ? file : JSON.stringify(file))
    prove(readLanguages([path]))
  })
const mistakesIn = async (file: unknown): Promise<string> => {
  let found = ''
  await reading(file, ({ mistakes }) => {
    found = mistakes.join('\n')
  })
  return found
}
const language = (tag: string): Language => ({ tag, direction: 'ltr', texts: english })
const [en, ko] = shipped as [Language, Language]

claims('The texts of the pages', {
  'are in Korean too, with the same places to fill in': () => {
    assert.equal(Object.keys(korean), Object.keys(english))
    for (const [name, text] of Object.entries(english)) {
      const places = (of: string) => (of.match(/\{[a-z]+\}/g) ?? []).sort()
      assert.equal(places(korean[name as keyof typeof english]), places(text), name)
    }
  },

  'are in one more language by one file': () =>
    reading({ language: 'de', texts: { ...english, sign_in: 'Anmelden' } }, (read) => {
      assert.equal(read.mistakes, [])
      assert.equal(
        read.languages.map(({ tag }) => tag),
        ['en', 'ko', 'de'],
      )
      assert.is(read.languages[2]?.texts.sign_in, 'Anmelden')
    }),

  'are replaced one by one in a language that ships': () =>
    reading({ language: 'ko', texts: { sign_in: '들어가기' } }, (read) => {
      assert.equal(read.mistakes, [])
      assert.equal(read.languages[1]?.texts, { ...korean, sign_in: '들어가기' })
    }),

  'are refused at the start, with the name of the text and of the file': async () => {
    const { sign_in: _, ...others } = english
    assert.match(
      await mistakesIn({ language: 'de', texts: others }),
      /texts\.json has no text sign_in/,
    )
    const cases: readonly (readonly [unknown, string])[] = [
      [{ language: 'ko', texts: { singin: 'x' } }, 'has the text "singin", which no page shows'],
      [{ language: 'ko', texts: { sign_in: '' } }, 'has no words for sign_in'],
      [{ language: 'ko', texts: { sign_in: 7 } }, 'has no words for sign_in'],
      [
        { language: 'ko', texts: { sign_in: 'x'.repeat(401) } },
        'more than 400 characters for sign_in',
      ],
      [
        { language: 'ko', texts: { error_limited: '나중에' } },
        'has nothing in braces in error_limited, where {wait} belongs',
      ],
      [{ language: 'ko', texts: { sign_in: '{name}' } }, 'has {name} in sign_in, where nothing'],
      [{ texts: {} }, 'has no "language" such as "de"'],
      [{ language: '"><b>', texts: {} }, 'has no "language" such as "de"'],
      [{ language: 'de-12', texts: {} }, 'has no "language" such as "de"'],
      [{ language: 'ko', direction: 'up', texts: {} }, 'has a "direction" that is none'],
      [{ language: 'ko', text: {} }, 'has "text", which nothing reads'],
      [{ language: 'ko', texts: [] }, 'has no object "texts"'],
      ['{', 'is no JSON'],
      ['{"language":"ko","texts":{"sign_in":"a","sign_in":"b"}}', 'has a text twice'],
      [[], 'is no JSON object'],
    ]
    for (const [file, told] of cases) {
      const mistake = await mistakesIn(file)
      assert.match(mistake, told)
      assert.match(mistake, /^CURFEW_PAGE_TEXTS: .*texts\.json /)
    }
    assert.match(readLanguages(['/nowhere.json']).mistakes[0] ?? '', '/nowhere.json cannot be read')
  },

  'are in the language that the browser prefers most among those that are there': () => {
    const all = [en, ko, language('pt-BR'), language('zh')] as const
    const cases: Readonly<Record<string, string>> = {
      ko: 'ko',
      'ko-KR': 'ko',
      'KO-kr;q=0.5, fr;q=0.9': 'ko',
      'en;q=0.1, ko;q=0.2': 'ko',
      'fr, *;q=0.5, ko;q=0.1': 'en',
      'pt-PT': 'pt-BR',
      'zh-Hant-TW': 'zh',
      'ko;q=0, fr': 'en',
      'ko;q=abc': 'en',
      '': 'en',
      [`${'x,'.repeat(40)}ko`]: 'en',
    }
    for (const [header, tag] of Object.entries(cases)) {
      assert.is(preferredLanguage(header, [...all]).tag, tag, header)
    }
  },

  'say how long, in the units of the language': () => {
    const [english_, korean_] = [wordsIn(en), wordsIn(ko)]
    const now = 1_800_000_000_000 as EpochMs
    const before = (ms: number): EpochMs => (now - ms) as EpochMs
    assert.is(english_.wait(1_000), '1 second')
    assert.is(english_.wait(90_001), '91 seconds')
    assert.is(english_.wait(3_600_000), '60 minutes')
    assert.is(korean_.wait(300_000), '5분')
    assert.is(english_.ago(before(59_999), now), 'just now')
    assert.is(english_.ago(before(-5_000), now), 'just now')
    assert.is(english_.ago(before(7_200_000), now), '2 hours ago')
    assert.is(korean_.ago(before(300_000), now), '5분 전')
    assert.match(english_.ago(before(8 * 86_400_000), now), /^Jan 7, 2027, .* UTC$/)
  },

  'are filled in where braces are, and nowhere else': () => {
    const { say } = wordsIn(en)
    assert.is(
      say('signed_in_as', { name: '{browser} $& {name}' }),
      'Signed in as {browser} $& {name}',
    )
    assert.is(say('signed_in_as'), 'Signed in as {name}')
  },
})
