import { printable, say, sayJson } from '../../../../services/cli/terminal/printable.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { assert, claims } from '../../../support/suite.ts'

const obeyed = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

const anyText = (dice: Dice): string =>
  Array.from({ length: 1 + dice.below(40) }, () =>
    String.fromCharCode(dice.chance(50) ? dice.below(0xa0) : 0x2000 + dice.below(0x80)),
  ).join('')

/** What `print` writes to stdout. */
const written = (print: () => void): string => {
  const { write } = process.stdout
  let text = ''
  process.stdout.write = (part: string | Uint8Array) => {
    text += String(part)
    return true
  }
  try {
    print()
  } finally {
    process.stdout.write = write
  }
  return text
}

claims('what a terminal is shown of others’ texts', {
  'JSON parses to what it was, and holds nothing that a terminal obeys': () => {
    const dice = new Dice('printable')
    for (let turn = 0; turn < 300; turn += 1) {
      const value = { [anyText(dice)]: [anyText(dice), dice.below(9), null] }
      for (const indent of [0, 2]) {
        const text = written(() => sayJson(value, indent))
        assert.equal(JSON.parse(text), value)
        assert.not.ok(obeyed.test(text.replaceAll('\n', '')), JSON.stringify(text))
        assert.is(text.split('\n').length, indent === 0 ? 2 : 8)
      }
    }
  },

  'a line stays one line': () => {
    const dice = new Dice('lines')
    for (let turn = 0; turn < 300; turn += 1) {
      const line = anyText(dice)
      const text = written(() => say(line))
      assert.is(text, `${printable(line)}\n`)
      assert.not.ok(obeyed.test(text.slice(0, -1)))
    }
  },
})
