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

/** Collects the fields of a form of any encoding; each name once, at most `fieldsMax`. */
export class FormFields {
  readonly #fields = new Map<string, string>()

  /** @throws Refusal 400 for a repeated name, bytes that are no UTF-8, or too many fields. */
  add(nameBytes: Uint8Array, valueBytes: Uint8Array): void {
    const name = textOf(nameBytes)
    if (name === null) throw bodyProblem('The name of a field is not valid UTF-8.')
    const value = textOf(valueBytes)
    if (value === null) throw fieldProblem(name, notUtf8)
    if (this.#fields.has(name)) throw fieldProblem(name, givenTwice)
    if (this.#fields.size === fieldsMax) throw bodyProblem(`More than ${fieldsMax} fields.`)
    this.#fields.set(name, value)
  }

  get all(): ReadonlyMap<string, string> {
    return this.#fields
  }
}

export const fieldsMax = 32
