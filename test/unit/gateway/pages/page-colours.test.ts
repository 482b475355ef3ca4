import fc from 'fast-check'
import { colourMistakes, coloursOf } from '../../../../services/gateway/pages/page-colours.ts'
import { contrastOf, tokens } from '../../../../shared/pages/index.ts'
import { assert, claims } from '../../../support/suite.ts'

const colour = fc
  .integer({ min: 0, max: 0xff_ff_ff })
  .map((number) => `#${number.toString(16).padStart(6, '0')}`)
const settings = (pageAccent: string | null, pageAccentDark: string | null = null) => ({
  pageAccent,
  pageAccentDark,
})

claims('The accent of the settings', {
  'is refused with its contrast where it cannot be read, and can be read where it is not': () => {
    const property = fc.property(colour, colour, (light, dark) => {
      const mistakes = colourMistakes(settings(light, dark))
      const colours = coloursOf(settings(light, dark))
      const isReadable = (kind: 'light' | 'dark'): boolean =>
        (['--ground', '--surface', '--raised'] as const).every(
          (ground) => contrastOf(colours[kind]['--accent'], colours[kind][ground]) >= 4.5,
        )
      const refused = (name: string) => mistakes.some((mistake) => mistake.startsWith(`${name}=`))
      assert.is(refused('CURFEW_PAGE_ACCENT'), !isReadable('light'), light)
      assert.is(refused('CURFEW_PAGE_ACCENT_DARK'), !isReadable('dark'), dark)
      for (const { '--accent': accent, '--on-accent': on } of Object.values(colours)) {
        assert.ok(contrastOf(accent, on) >= 4.5, `${on} on ${accent}`)
      }
    })
    fc.assert(property, { numRuns: 500 })
    assert.match(colourMistakes(settings('#ffff00'))[0] ?? '', /contrast of 1\.\d\d with #/)
  },

  'is Curfew’s own where none is set': () => {
    assert.equal(coloursOf(settings(null)), { light: tokens.light, dark: tokens.dark })
    assert.equal(colourMistakes(settings(null)), [])
  },
})
