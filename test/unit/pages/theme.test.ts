import { type ColourToken, contrastOf, themeCss, tokens } from '../../../shared/pages/index.ts'
import { assert, claims } from '../../support/suite.ts'

const grounds = ['--ground', '--surface', '--raised'] as const
const written: readonly ColourToken[] = [
  '--text',
  '--muted',
  '--accent',
  '--good',
  '--warn',
  '--bad',
]
const pairs: readonly (readonly [ColourToken, ColourToken])[] = [
  ...grounds.flatMap((ground) => written.map((text) => [text, ground] as const)),
  ['--on-accent', '--accent'],
  ['--accent', '--accent-soft'],
  ['--good', '--good-soft'],
  ['--warn', '--warn-soft'],
  ['--bad', '--bad-soft'],
  ['--text', '--bad-soft'],
]

claims('The colours of the pages', {
  'have the contrast of WCAG 2.2 AA: 4.5 for text, 3 for the edges of what is operated': () => {
    for (const [name, colours] of Object.entries(tokens)) {
      for (const [text, ground] of pairs) {
        const contrast = contrastOf(colours[text], colours[ground])
        assert.ok(contrast >= 4.5, `${name}: ${text} on ${ground} has ${contrast.toFixed(2)}`)
      }
      for (const ground of grounds) {
        const contrast = contrastOf(colours['--edge'], colours[ground])
        assert.ok(contrast >= 3, `${name}: --edge on ${ground} has ${contrast.toFixed(2)}`)
      }
    }
  },

  'are measured as WCAG measures: black on white is 21, equal ones 1': () => {
    assert.is(contrastOf('#000000', '#ffffff').toFixed(2), '21.00')
    assert.is(contrastOf('#777777', '#ffffff').toFixed(2), '4.48')
    assert.is(contrastOf('#413d9e', '#413d9e'), 1)
  },

  'are replaced by others of the same names': () => {
    const css = themeCss({ dark: { ...tokens.dark, '--accent': '#abcdef' } })
    assert.match(css, '--accent:#413d9e')
    assert.match(css, '--accent:#abcdef')
    assert.not.match(css, tokens.dark['--accent'])
  },
})
