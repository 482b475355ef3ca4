import { isPlainObject } from '../../../shared/kernel/strict-json.ts'

/** The JSON object that these bytes are; `null` when they are none. */
export const objectIn = (bytes: Buffer): Record<string, unknown> | null => {
  try {
    const read: unknown = JSON.parse(bytes.toString('utf8'))
    return isPlainObject(read) ? read : null
  } catch {
    return null
  }
}

export const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)
