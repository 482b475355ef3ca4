import { bodyProblem, fieldProblem, givenTwice, notUtf8, textOf } from './field-problem.ts'

const fieldsMax = 32

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

// A percent sign that begins no escape is taken literally, as browsers and Django do.
const bytesOf = (part: string): Buffer =>
  Buffer.from(
    part
      .replaceAll('+', ' ')
      .replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

/**
 * Fields of an `application/x-www-form-urlencoded` body (WHATWG URL, 5.1). `URLSearchParams` is not
 * used, since it keeps repeated names and replaces bytes that are no UTF-8, so that two different
 * passwords could become equal.
 * @throws Refusal 400 naming the field at fault.
 */
export const parseForm = (body: Buffer): ReadonlyMap<string, string> => {
  const fields = new FormFields()
  for (const pair of body.toString('latin1').split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    fields.add(bytesOf(name), bytesOf(value))
  }
  return fields.all
}
