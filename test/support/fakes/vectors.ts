import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-files.ts'

export type Vector = Readonly<{
  tcId: number
  comment: string
  result: 'valid' | 'invalid' | 'acceptable'
  jws?: string
  jwe?: string
  msg?: string
  sig?: string
  key?: string
  tag?: string
}>
type Jwk = Readonly<Record<string, unknown>>
export type VectorGroup = Readonly<{
  comment?: string
  /** A key or a set of keys; the public half where there is one. */
  public?: Jwk
  private?: Jwk
  publicKeyDer?: string
  tagSize?: number
  tests: readonly Vector[]
}>

const own = join(projectRoot, 'test/fixtures/wycheproof')
const given = process.env['CURFEW_VECTORS'] ?? join(projectRoot, '../shared/vectors')

const read = (path: string): readonly VectorGroup[] =>
  (JSON.parse(readFileSync(path, 'utf8')) as { testGroups: readonly VectorGroup[] }).testGroups

/** The vectors that lie in the project. */
export const joseVectors = (name: string): readonly VectorGroup[] => read(join(own, `${name}.json`))

/** Those of the primitives, which lie beside the project; `null` where they do not. */
export const primitiveVectors = (name: string): readonly VectorGroup[] | null => {
  const path = join(given, 'wycheproof', `${name}.json`)
  return existsSync(path) ? read(path) : null
}
