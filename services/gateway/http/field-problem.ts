import type { z } from 'zod'
import { readBySchema } from '../../../shared/kernel/schema-fault.ts'
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

const asSentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`

/** Django's sentences where it has one. */
const sentences: Readonly<Record<string, string>> = {
  'is required': 'This field is required.',
  'is unknown': 'Unknown field.',
}

/** The value, by its schema. `name` is its own. @throws Refusal 400 that names a member */
export const fieldsBySchema = <T>(
  schema: z.ZodType<T>,
  value: unknown,
  name = 'non_field_errors',
): T => {
  const reading = readBySchema(schema, value)
  if (reading.ok) return reading.value
  const {
    path: [member = name, ...within],
    problem,
  } = reading.fault
  const deeper = `${within.join('.').slice(0, nameMax)} ${problem}.`
  throw fieldProblem(
    member,
    within.length > 0 ? deeper : (sentences[problem] ?? asSentence(problem)),
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8; `null` if the bytes are none. Nothing is replaced, and a BOM stays. */
export const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}
