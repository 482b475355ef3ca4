export type LetterText = Readonly<{
  text: string
  form: 'text' | 'JSON' | 'base64'
  /** How many bytes of the record are kept. */
  kept: number
}>

const bytesOf = (base64: string): Uint8Array | null => {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}

const textOf = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Every sign but the usual white space that a page would not show, as its number. */
const shown = (text: string): string =>
  text.replace(
    /(?![\t\n])[\p{Cc}\p{Cf}]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  )

const indented = (text: string): string | null => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return null
  }
}

/** The value of a parked record as a person reads it; what is no text stays in base64. */
export const letterText = (value: string): LetterText => {
  const bytes = bytesOf(value)
  const text = bytes && textOf(bytes)
  const kept = bytes?.length ?? 0
  if (text === null) return { text: value, form: 'base64', kept }
  const json = indented(text)
  if (json !== null) return { text: shown(json), form: 'JSON', kept }
  return { text: shown(text), form: 'text', kept }
}
