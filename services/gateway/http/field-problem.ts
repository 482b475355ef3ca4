import { Refusal } from './errors.ts'

const nameMax = 100

/** 400 naming one field: `{"password": ["This field is required."]}`. */
export const fieldProblem = (name: string, message: string): Refusal =>
  // A computed name is a member also when it is `__proto__`.
  new Refusal(400, { [name.slice(0, nameMax)]: [message] })

export const givenTwice = 'This field was given more than once.'
export const notUtf8 = 'Not valid UTF-8.'
export const notText = 'Not a valid string.'

/** 400 for what no field is to blame for, under Django REST framework's name for that. */
export const bodyProblem = (message: string): Refusal => fieldProblem('non_field_errors', message)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text of the bytes; `null` when they are no UTF-8. Nothing is replaced or taken off. */
export const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** The fields of a form, in whatever encoding they came; each name once, and not too many. */
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
