import { AuthError } from './errors.ts'

/** Exhaustiveness: a new member of a union fails to compile where it is not handled. */
export const assertNever = (value: never): never => {
  throw new AuthError('INTERNAL', `unhandled case: ${JSON.stringify(value)}`)
}
