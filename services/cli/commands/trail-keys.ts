import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { verifierKeysFile } from '../../auditor/files/index.ts'

export type Keys = Readonly<{ key: readonly string[] }>

/** The `--key` option of each command that verifies signatures. */
export const keyOption = [
  '--key <vkey>',
  'a verifier key that was pinned elsewhere; again for a second one, or a witness',
  (value: string, before: readonly string[]): readonly string[] => [...before, value],
  [] as readonly string[],
] as const

export const verifiersOf = (keys: readonly string[]): readonly NoteVerifier[] =>
  keys.map((text) => noteVerifier(parseVerifierKey(text)))

const namedBy = (dir: string): readonly NoteVerifier[] => {
  const path = join(dir, verifierKeysFile)
  if (!existsSync(path)) throw new AuthError('TRAIL_INVALID', `${path} is not there: give --key`)
  const lines = readFileSync(path, 'utf8').split('\n')
  return verifiersOf(lines.filter((line) => line !== ''))
}

const said = new Set<string>()

/** Those that were named, else what the folder says itself, which is said once. */
export const knownKeys = (dir: string, { key }: Keys): readonly NoteVerifier[] => {
  if (key.length > 0) return verifiersOf(key)
  const known = namedBy(dir)
  if (!said.has(dir)) {
    process.stderr.write(
      `curfew: the keys are those that ${join(dir, verifierKeysFile)} names: whoever can change ` +
        'the trail can change them too. Give --key with one that you keep elsewhere.\n',
    )
  }
  said.add(dir)
  return known
}

/** The same while something runs for long: keys that the folder names rotate. */
export const knownKeysNow = (dir: string, keys: Keys): (() => readonly NoteVerifier[]) => {
  const known = knownKeys(dir, keys)
  return keys.key.length > 0 ? () => known : () => namedBy(dir)
}
