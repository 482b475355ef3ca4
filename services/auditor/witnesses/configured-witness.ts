import { AuthError } from '../../../shared/kernel/errors.ts'
import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'

/** A witness that the auditor asks: where, and with which key it answers. */
export type ConfiguredWitness = Readonly<{ url: URL; verifier: NoteVerifier }>

/**
 * `name+id+key https://address`, as the setting has it.
 * @throws AuthError INPUT_INVALID with what is wrong
 */
export const parseWitness = (text: string): ConfiguredWitness => {
  const [vkey = '', address = '', ...more] = text.split(' ').filter((part) => part !== '')
  const key = parseVerifierKey(vkey)
  if (key.kind !== 'witness') {
    throw new AuthError('INPUT_INVALID', 'the verifier key is of a log and not of a witness')
  }
  const url = URL.canParse(address) ? new URL(address) : null
  const isAddress = url !== null && ['http:', 'https:'].includes(url.protocol)
  if (!isAddress || url.search !== '' || url.hash !== '' || more.length > 0) {
    throw new AuthError('INPUT_INVALID', 'behind the verifier key stands no address')
  }
  return { url, verifier: noteVerifier(key) }
}

export const isWitness = (text: string): boolean => {
  try {
    parseWitness(text)
    return true
  } catch {
    return false
  }
}
