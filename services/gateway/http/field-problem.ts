import { Refusal } from './answer-error.ts'

const nameMax = 100

/** 400 naming one field: `{"password": ["This field is required."]}`. */
export const fieldProblem = (name: string, message: string): Refusal =>
  // As a computed name, `__proto__` is a member like any other.
  new Refusal(400, { [name.slice(0, nameMax)]: [message] })

export const givenTwice = 'This field was given more than once.'
export const notUtf8 = 'Not valid UTF-8.'
export const notText = 'Not a valid string.'

/** 400 for a fault of no single field, under the name that Django REST framework has for it. */
export const bodyProblem = (message: string): Refusal => fieldProblem('non_field_errors', message)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8; `null` if the bytes are none. Nothing is replaced, and a BOM stays. */
export const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}
