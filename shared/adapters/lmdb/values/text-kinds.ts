/** Hex digits that are bytes, as ids are; and a text that holds some. */
const hexOnly = /^(?:[0-9a-f]{2}){8,}$/
const hexRun = /(?:[0-9a-f]{2}){8,}/
// The last character has two bits that stand for nothing.
const digest = /^[\w-]{42}[AEIMQUYcgkosw048]$/
const keyAndMac = /^[\w-]{43}\.[\w-]{43}$/
const loneSurrogate = /\p{Surrogate}/u

export const isHex = (text: string): boolean => hexOnly.test(text)
export const hexRunIn = (text: string): RegExpExecArray | null => hexRun.exec(text)
export const hasLoneSurrogate = (text: string): boolean => loneSurrogate.test(text)

/** 32 bytes in base64url. */
export const digestLength = 43
export const isDigest = (text: string): boolean => text.length === digestLength && digest.test(text)
/** Two of these, as a MAC names its key. */
export const isKeyAndMac = (text: string): boolean => keyAndMac.test(text)

/** Numbers of ms, and of s, of the years 2001 to 2096. */
export const isInstant = (n: number): boolean => n >= 1e12 && n < 4e12
export const isSeconds = (n: number): boolean => n >= 1e9 && n < 4e9

/** The instant that `text` is in ISO 8601, as JavaScript writes it. */
export const instantIn = (text: string): number | null => {
  if (text.length !== 24 || !text.endsWith('Z')) return null
  const at = Date.parse(text)
  return isInstant(at) && new Date(at).toISOString() === text ? at : null
}

/** The object whose JSON `text` is, byte for byte. */
export const objectIn = (text: string): object | null => {
  if (!text.startsWith('{')) return null
  try {
    const value = JSON.parse(text) as object
    return JSON.stringify(value) === text ? value : null
  } catch {
    return null
  }
}
