import type { Refusal } from './answer-error.ts'
import { bodyProblem, fieldProblem, notText } from './field-problem.ts'
import { FormFields } from './form-body.ts'

const partHeaderBytesMax = 1_024
const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')

// RFC 2046, 5.1.1: up to 70 of these, the last one no space.
const boundaryParameter = /;\s*boundary=(?:"([^"]*)"|([^\s;"]+))\s*(?:;|$)/i
const boundaryPattern = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/

const broken = (why: string): Refusal => bodyProblem(`Multipart form parse error - ${why}`)

/** @throws Refusal 400 when the content type names no boundary. */
const boundaryOf = (contentType: string): string => {
  const found = boundaryParameter.exec(contentType)
  const boundary = found?.[1] ?? found?.[2] ?? ''
  if (!boundaryPattern.test(boundary)) throw broken('Invalid boundary in multipart')
  return boundary
}

// WHATWG HTML, 4.10.22.8: these three are escaped in names, and nothing else is.
const unescapeName = (name: string): string =>
  name.replace(/%22|%0D|%0A/gi, (escaped) => decodeURIComponent(escaped))

type Disposition = Readonly<{ name: string; isFile: boolean }>

const dispositionPattern = /^form-data;\s*name="([^"\r\n]*)"(;\s*filename\*?=.*)?\s*$/i
const plainEncodings = /^(?:7bit|8bit|binary)$/i
const foreignCharset = /;\s*charset=(?!"?(?:utf-8|us-ascii)"?\s*(?:;|$))/i

/** `head` is read as Latin-1, so that the bytes of the name are kept until it is decoded. */
const dispositionOf = (head: string): Disposition => {
  let disposition: Disposition | null = null
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    if (colon < 1) throw broken('Invalid header in a part')
    if (name === 'content-disposition') {
      const match = dispositionPattern.exec(value)
      if (!match || disposition) throw broken('Invalid Content-Disposition in a part')
      disposition = { name: unescapeName(match[1] ?? ''), isFile: match[2] !== undefined }
    } else if (name === 'content-transfer-encoding' && !plainEncodings.test(value)) {
      throw broken('Unsupported Content-Transfer-Encoding in a part')
    } else if (name === 'content-type' && foreignCharset.test(value)) {
      throw broken('Unsupported charset in a part')
    }
  }
  if (!disposition) throw broken('A part without Content-Disposition')
  return disposition
}

const addPart = (fields: FormFields, part: Buffer): void => {
  const end = part.indexOf(headEnd)
  if (end < 0 || end > partHeaderBytesMax) throw broken('Invalid header in a part')
  const { name, isFile } = dispositionOf(part.toString('latin1', 0, end))
  if (isFile) throw fieldProblem(name, notText)
  fields.add(Buffer.from(name, 'latin1'), part.subarray(end + headEnd.length))
}

/**
 * Fields of a `multipart/form-data` body (RFC 7578) that is in memory already. A preamble, files
 * and encoded parts are refused, since no client of a login sends them.
 * @throws Refusal 400 naming the field at fault, or `non_field_errors`.
 */
export const parseMultipart = (contentType: string, body: Buffer): ReadonlyMap<string, string> => {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`)
  const fields = new FormFields()
  const bytes = Buffer.concat([lineEnd, body])
  if (bytes.indexOf(delimiter) !== 0) throw broken('The body does not begin with its boundary')
  for (let at = delimiter.length; ; ) {
    const mark = bytes.toString('latin1', at, at + 2)
    if (mark === '--') {
      const rest = bytes.toString('latin1', at + 2)
      if (rest !== '' && rest !== '\r\n') throw broken('Something follows the last part')
      return fields.all
    }
    const next = bytes.indexOf(delimiter, at)
    if (mark !== '\r\n' || next < at + 2) throw broken('A part does not end')
    addPart(fields, bytes.subarray(at + 2, next))
    at = next + delimiter.length
  }
}
