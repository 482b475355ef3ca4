import { FormFields } from './field-problem.ts'

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
