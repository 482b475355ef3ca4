import { AuthError } from '../../../shared/kernel/errors.ts'

/** The longest e-mail address (RFC 5321, 4.5.3.1.3); a user name may be one. */
const usernameMax = 254

const refuse = (field: string, message: string): never => {
  throw new AuthError('INPUT_INVALID', message, { field })
}

/**
 * Invisible characters (control and format characters, fillers, variation selectors) and every
 * space but U+0020.
 */
const invisible = /\p{C}|\p{Default_Ignorable_Code_Point}|\u2800|(?! )\p{Z}/u

/**
 * Checks a user name, given in NFC as it would be stored.
 * @throws AuthError INPUT_INVALID that names `username`.
 */
export const checkName = (username: string): void => {
  if (invisible.test(username)) refuse('username', 'a user name has no invisible characters')
  // A combining mark at the beginning would be drawn over the character before the name.
  const isPlain = /^[^ \p{M}](?:.*[^ ])?$/u.test(username)
  if (!isPlain || [...username].length > usernameMax) {
    const rule = `1 to ${usernameMax} characters, no space at the ends`
    refuse('username', `a user name is ${rule}`)
  }
}

/**
 * The form in which addresses are compared: NFC, lower case. People type addresses in any case,
 * domains have none, and no provider gives two people addresses that differ in case alone.
 */
export const emailKey = (email: string): string => email.normalize('NFC').toLowerCase()

const isEmail = (text: string): boolean =>
  /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(text) && [...text].length <= usernameMax

/**
 * The address of an account that is made without one: its name, if that is an e-mail address.
 * Otherwise somebody else could register that address in another case, and would get mail and
 * logins that are meant for the owner of the name.
 */
export const addressIn = (username: string): string | undefined =>
  isEmail(username) ? emailKey(username) : undefined

/** @throws AuthError INPUT_INVALID that names `email`. */
export const checkEmail = (email: string): void => {
  if (!isEmail(email)) {
    refuse('email', `an e-mail address has one @ and at most ${usernameMax} characters`)
  }
}

const rolesMax = 32

/** @throws AuthError INPUT_INVALID that names `roles`, and the one that is bad. */
export const checkRoles = (roles: readonly string[]): void => {
  const bad = roles.find((role) => !/^[A-Za-z0-9._:-]{1,64}$/.test(role))
  if (bad !== undefined) {
    const shown = JSON.stringify(bad.slice(0, 64))
    refuse('roles', `the role ${shown} is not 1 to 64 of A-Z a-z 0-9 . _ : -`)
  }
  if (roles.length > rolesMax) refuse('roles', `a user has at most ${rolesMax} roles`)
}
