import { AuthError, type AuthErrorCode } from '../../../kernel/errors.ts'
import type { WriterState } from './writer.ts'

/** What the writer thread begins with. */
export type WriterPlan = Readonly<{
  path: string
  groupShares: boolean
  /** The shared memory of the `ExitGate`. */
  gate: SharedArrayBuffer
  /** The shared memory of the `SharedCount` of messages that the thread has handled. */
  done: SharedArrayBuffer
  /** Where other processes ask too, `null` where none does. */
  socket: string | null
}>

/** One write operation, by the name of the adapter's writes and its own. */
export type WriteRequest = readonly [
  id: number,
  name: string,
  operation: string,
  given: readonly unknown[],
]

/** An error that crosses threads keeps its code and its words. */
export type SentError = Readonly<{ code: AuthErrorCode | null; message: string; stack: string }>
export type WriteAnswer = readonly [id: number, value: unknown, error: SentError | null]

export type WriterSays =
  | Readonly<{ kind: 'opened' }>
  | Readonly<{ kind: 'refused'; error: SentError }>
  | Readonly<{ kind: 'answers'; answers: readonly WriteAnswer[]; state: WriterState }>
  | Readonly<{ kind: 'published' }>
  | Readonly<{ kind: 'log'; fields: Readonly<Record<string, unknown>>; message: string }>

export const sentError = (error: unknown): SentError => {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  return { code: error instanceof AuthError ? error.code : null, message, stack }
}

export const receivedError = ({ code, message, stack }: SentError): Error => {
  const error = code === null ? new Error(message) : new AuthError(code, message)
  error.stack = stack
  return error
}
