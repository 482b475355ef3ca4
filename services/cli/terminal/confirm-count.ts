import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SessionCount } from '../../gateway/revocations/index.ts'
import { ask, isTerminal } from './ask.ts'

/** A pipe that says nothing for so long means no number. */
const pipeWaitMs = 2_000

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** `3 sessions of 2 users`. */
export const countText = ({ sessions, users }: SessionCount): string =>
  `${many(sessions, 'session')} of ${many(users, 'user')}`

const firstLine = async (): Promise<string> => {
  let text = ''
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    if (text.includes('\n') || text.length > 100) break
  }
  return text.split('\n')[0] ?? ''
}

const typed = (clock: Clock, prompt: string): Promise<string> => {
  if (isTerminal()) return ask(prompt)
  process.stderr.write(`${prompt}\n`)
  return Promise.race([firstLine(), clock.sleep(pipeWaitMs).then(() => '')])
}

/**
 * Goes on when the number of sessions that would end is typed, or came on standard input.
 * @throws AuthError INPUT_INVALID otherwise; nothing was done.
 */
export const confirmCount = async (
  clock: Clock,
  what: string,
  living: SessionCount,
): Promise<void> => {
  const prompt = `This ends ${countText(living)}: ${what}. Type ${living.sessions} to go on: `
  if ((await typed(clock, prompt)).trim() === String(living.sessions)) return
  throw new AuthError(
    'INPUT_INVALID',
    `nothing was ended: type the number of sessions, ${living.sessions}, or give --yes`,
  )
}
