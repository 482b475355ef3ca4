import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { goProgram } from '../processes/go-program.ts'

/** Bytes are in base64, as Go writes them. */
export type GoQuestion =
  | Readonly<{
      op: 'tree'
      leaves: readonly string[]
      /** Size and index. */
      records: readonly (readonly [number, number])[]
      /** Size and the older size. */
      trees: readonly (readonly [number, number])[]
    }>
  | Readonly<{ op: 'open'; note: string; keys: readonly string[] }>
  | Readonly<{ op: 'sign'; name: string; text: string }>

export type GoAnswer = Readonly<{
  roots?: readonly string[]
  records?: readonly (readonly string[])[]
  trees?: readonly (readonly string[])[]
  verified?: readonly string[]
  key?: string
  note?: string
  error?: string
}>

/**
 * What golang.org/x/mod/sumdb says to each question; `null` after saying aloud that it was not
 * asked. @throws Error when Go is missing and required
 */
export const askGo = async (
  questions: readonly GoQuestion[],
): Promise<readonly GoAnswer[] | null> => {
  const program = await goProgram('tlog', 'trees and notes against golang.org/x/mod/sumdb')
  if (program === null) return null
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  child.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''))
  const answers: GoAnswer[] = []
  for await (const line of createInterface(child.stdout)) answers.push(JSON.parse(line))
  await ended
  if (answers.length !== questions.length) throw new Error('Go did not answer every question')
  return answers
}
