import { decodeValue, encodeValue } from '../values/packed-values.ts'

/** What is given to a database: values, JSON text of values, keys alone, or bytes under bytes. */
export type Contents = 'value' | 'text' | 'index' | 'bytes'

/** How lmdb-js opens a named database. */
export const databaseOptions = (name: string, contents: Contents) => {
  if (contents === 'index') return { name, encoding: 'json' } as const
  if (contents === 'bytes') return { name, encoding: 'binary', keyEncoding: 'binary' } as const
  const encode =
    contents === 'value' ? encodeValue : (text: string): Buffer => encodeValue(JSON.parse(text))
  const decode = (bytes: Buffer): unknown => decodeValue(bytes, name)
  return { name, encoding: 'binary', encoder: { encode, decode } } as const
}
