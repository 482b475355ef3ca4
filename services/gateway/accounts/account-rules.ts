import { AuthError } from '../../../shared/kernel/errors.ts'

/** As long as an e-mail address may be (RFC 5321, 4.5.3.1.3): it may be the name. */
const usernameMax = 254

const refuse = (field: string, message: string): never => {
  throw new AuthError('INPUT_INVALID', message, { field })
}

/**
 * What shows nothing, or a space that is none: control and format characters, fillers, variation
 * selectors, spaces but the usual one.
 */
const unseen = /\p{C}|\p{Default_Ignorable_Code_Point}|\u2800|(?! )\p{Z}/u

/**
 * A name as it would be stored, in NFC.
 * @throws AuthError INPUT_INVALID that names `username`.
 */
export const checkName = (username: string): void => {
  if (unseen.test(username)) refuse('username', 'a user name has no invisible characters')
  // A mark at the beginning would be drawn over whatever stands before the name.
  const isPlain = /^[^ \p{M}](?:.*[^ ])?$/u.test(username)
  if (!isPlain || [...username].length > usernameMax) {
    const rule = `1 to ${usernameMax} characters, no space at the ends`
    refuse('username', `a user name is ${rule}`)
  }
}

/**
 * One spelling of an address: people type it in whatever case. Domains have none, and no provider
 * tells two people apart by it.
 */
export const emailKey = (email: string): string => email.normalize('NFC').toLowerCase()

const isEmail = (text: string): boolean =>
  /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(text) && [...text].length <= usernameMax

/**
 * The address of an account that names none: its name, where that is one. Somebody else could claim
 * it otherwise, in another case, and would get what is meant for the owner of the name.
 */
export const addressIn = (username: string): string | undefined =>
  isEmail(username) ? emailKey(username) : undefined

/** @throws AuthError INPUT_INVALID that names `email`. */
export const checkEmail = (email: string): void => {
  if (!isEmail(email)) {
    refuse('email', `an e-mail address has one @ and at most ${usernameMax} characters`)
  }
}

/** @throws AuthError INPUT_INVALID that names `roles`. */
export const checkRoles = (roles: readonly string[]): void => {
  const areShort = roles.every((role) => /^[A-Za-z0-9._:-]{1,64}$/.test(role))
  if (!areShort || roles.length > 32) {
    refuse('roles', 'at most 32 roles, each 1 to 64 of A-Z a-z 0-9 . _ : -')
  }
}
