import { errorCode } from '../../../kernel/error-code.ts'
import { AuthError } from '../../../kernel/errors.ts'
import { writeFailureReason } from './write-failure-reason.ts'

// lmdb.h: page not found, corrupted, version mismatch, invalid.
const isDamage = new Set([-30_797, -30_796, -30_794, -30_793])

/** The number by which LMDB names what failed; `null` for an error that is not its own. */
export const lmdbErrorCode = (error: unknown): number | null => {
  const code = errorCode(error)
  return typeof code === 'number' ? code : null
}

/** An error of LMDB as one of ours; others as they are. */
export const translateLmdbError = (error: unknown, path: string): unknown => {
  const code = lmdbErrorCode(error)
  if (error instanceof SyntaxError || (code !== null && isDamage.has(code))) {
    return new AuthError('DATA_INVALID', `${path} is damaged`, { cause: error })
  }
  if (code === null) return error
  const why = writeFailureReason(code, path)
  const text = why ? `${path}: ${why}` : `LMDB failed with ${code} in ${path}`
  return new AuthError('STORE_UNAVAILABLE', text, { cause: error })
}
