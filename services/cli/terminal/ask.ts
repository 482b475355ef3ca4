import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AuthError } from '../../../shared/kernel/errors.ts'

/** Whether somebody sits there who can be asked. */
export const isTerminal = (): boolean => process.stdin.isTTY === true

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })

type Terminal = Readonly<{ input: NodeJS.ReadableStream; output: NodeJS.WritableStream }>
const here = (): Terminal => ({ input: process.stdin, output: process.stderr })

const asked = (prompt: string, isHidden: boolean, { input, output }: Terminal): Promise<string> =>
  new Promise((resolve, reject) => {
    const lines = createInterface({
      input,
      output: isHidden ? nowhere() : output,
      terminal: true,
      historySize: 0,
    })
    const end = (settle: () => void): void => {
      lines.removeAllListeners('close')
      lines.close()
      if (isHidden) output.write('\n')
      settle()
    }
    const broken = (): void =>
      end(() => reject(new AuthError('INPUT_INVALID', 'nothing was typed; nothing was done')))
    lines.once('line', (line) => end(() => resolve(line)))
    lines.once('SIGINT', broken)
    lines.once('close', broken)
    // Not before the terminal stopped to show what is typed.
    output.write(prompt)
  })

/** A line from the terminal; the prompt goes to standard error. */
export const ask = (prompt: string, at: Terminal = here()): Promise<string> =>
  asked(prompt, false, at)

/**
 * A new password from the terminal, typed twice and never shown.
 * @throws AuthError INPUT_INVALID when the two differ.
 */
export const askNewPassword = async (whose: string, at: Terminal = here()): Promise<string> => {
  const first = await asked(`Password of ${whose}: `, true, at)
  if ((await asked('Again: ', true, at)) === first) return first
  throw new AuthError('INPUT_INVALID', 'the two passwords differ; nothing was done')
}
