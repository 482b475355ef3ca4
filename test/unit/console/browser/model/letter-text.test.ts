import fc from 'fast-check'
import { letterText } from '../../../../../services/console/browser/model/letter-text.ts'
import { assert, claims } from '../../../../support/suite.ts'

const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64')

claims('the value of a parked record', {
  'is its text, whatever that says; what is JSON is indented': () => {
    const markup = '<img src=x onerror=alert(1)>'
    assert.equal(letterText(base64(markup)), { text: markup, form: 'text', kept: markup.length })
    const { text, form } = letterText(base64('{"a":"é"}'))
    assert.equal([text, form], ['{\n  "a": "é"\n}', 'JSON'])
    assert.equal(letterText(''), { text: '', form: 'text', kept: 0 })
  },

  'stays as it came where it is no text, and says how many bytes are there': () => {
    const bytes = fc.uint8Array({ maxLength: 99 })
    fc.assert(
      fc.property(bytes, (given) => {
        const value = base64(Uint8Array.of(0xff, ...given))
        assert.equal(letterText(value), { text: value, form: 'base64', kept: given.length + 1 })
      }),
    )
    assert.equal(letterText('no base64!'), { text: 'no base64!', form: 'base64', kept: 0 })
  },

  'shows signs that nobody would see, and that would turn the text around': () => {
    const { text } = letterText(base64('a\u0000b\u202ec\r\n\td'))
    assert.is(text, 'a\\u{0}b\\u{202e}c\\u{d}\n\td')
  },
})
