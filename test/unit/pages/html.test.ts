import fc from 'fast-check'
import { escapeHtml, html } from '../../../shared/pages/html.ts'
import { sourcesBelow } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#96;', '`')
    .replaceAll('&amp;', '&')

claims('HTML from a template', {
  'has no character of a drawn value that could end a text or an attribute': () => {
    const value = fc.string({ unit: fc.constantFrom(...'<>"\'`&=/ab \n;#x\0\u202e') })
    fc.assert(
      fc.property(value, (drawn) => {
        const page = html`<p title="${drawn}">${drawn}</p>`.toString()
        const inside = page.slice('<p title="'.length, -'</p>'.length)
        assert.is(inside.match(/[<>"'`]/g)?.join(''), '">')
        const shown = inside.slice(inside.indexOf('>') + 1)
        assert.is(unescaped(shown), drawn.replace(/[\0\u202e]/g, '\ufffd'))
      }),
      { numRuns: 2_000 },
    )
  },

  'takes HTML as it is, lists one by one, and nothing for null and false': () => {
    const items = ['<a>', 'b'].map((name) => html`<li>${name}</li>`)
    assert.is(
      html`<ul>${items}${null}${false}${undefined}${0}</ul>`.toString(),
      '<ul><li>&lt;a&gt;</li><li>b</li>0</ul>',
    )
  },

  'does not take a text for HTML because it looks like what it made': () => {
    const lookalike = { toString: () => '<b>' } as unknown as string
    assert.is(html`${[lookalike].map(String)}`.toString(), '&lt;b&gt;')
    assert.is(html`${html`<b>${'<'}</b>`.toString()}`.toString(), '&lt;b&gt;&amp;lt;&lt;/b&gt;')
  },

  'is made of a text by nobody but the template and the stylesheets that ship': () => {
    const makers = sourcesBelow('shared', 'services').filter(({ text }) =>
      /\bHtml\.trusted\(/.test(text),
    )
    const paths = makers.map(({ path }) => path).sort()
    assert.equal(paths, [
      'services/console/serving/console-shell.ts',
      'services/gateway/pages/open-pages.ts',
      'shared/pages/html.ts',
    ])
  },

  'shows what turns the direction of writing, and half characters, as what cannot be shown': () => {
    const turning = '\u202a\u202e\u2066\u2069\0\x1b\x7f\ud800'
    assert.is(escapeHtml(`a${turning}b`), `a${'\ufffd'.repeat(turning.length)}b`)
    assert.is(escapeHtml('한국어 😀\n\t'), '한국어 😀\n\t')
  },
})
