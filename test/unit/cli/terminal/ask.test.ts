import { PassThrough } from 'node:stream'
import { ask, askNewPassword } from '../../../../services/cli/terminal/ask.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { assert, claims } from '../../../support/suite.ts'

/** A terminal on which each line is typed when something was asked. */
const typing = (lines: readonly string[]) => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  let next = 0
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8')
    if (!shown.endsWith(': ')) return
    const line = lines[next++]
    if (line === undefined) input.end()
    else input.write(`${line}\r`)
  })
  return { at: { input, output }, shown: () => shown }
}

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isAuthError(error) ? `${error.code}: ${error.message}` : String(error)),
  )

claims('a terminal that is asked', {
  'gives a password that was typed twice, and shows none of it': async () => {
    const { at, shown } = typing(['pâss word 12', 'pâss word 12'])
    assert.is(await askNewPassword('alice', at), 'pâss word 12')
    assert.is(shown(), 'Password of alice: \nAgain: \n')
  },

  'gives none where the two differ, or where nothing is typed': async () => {
    assert.match(
      await refusal(askNewPassword('alice', typing(['one two three', 'one two four']).at)),
      /INPUT_INVALID: the two passwords differ/,
    )
    for (const lines of [[], ['one two three'], ['\u0003']]) {
      const refused = await refusal(askNewPassword('alice', typing(lines).at))
      assert.match(refused, /INPUT_INVALID: nothing was typed/)
    }
  },

  'gives a line that may be seen': async () => {
    const { at, shown } = typing(['3'])
    assert.is(await ask('Type 3 to go on: ', at), '3')
    assert.match(shown(), 'Type 3 to go on: ')
  },
})
