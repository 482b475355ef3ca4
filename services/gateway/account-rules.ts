import { AuthError } from '../../shared/kernel/errors.ts'
import { passwordBytesMax } from './password.ts'

const passwordLengthMin = 8
const usernameMax = 150

const refuse = (field: string, message: string): never => {
  throw new AuthError('INPUT_INVALID', message, { field })
}

/** @throws AuthError INPUT_INVALID that names `field`. */
export const checkPassword = (password: string, field = 'password'): void => {
  if ([...password].length < passwordLengthMin) {
    refuse(field, `the password is shorter than ${passwordLengthMin} characters`)
  }
  if (Buffer.byteLength(password) > passwordBytesMax) {
    refuse(field, `the password is longer than ${passwordBytesMax} bytes`)
  }
}

/** @throws AuthError INPUT_INVALID that names `username`. */
export const checkName = (username: string): void => {
  const isPlain = /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u.test(username)
  if (!isPlain || username.length > usernameMax) {
    const rule = `1 to ${usernameMax} characters, none of them control, no space at the ends`
    refuse('username', `a user name is ${rule}`)
  }
}

/** @throws AuthError INPUT_INVALID that names `roles`. */
export const checkRoles = (roles: readonly string[]): void => {
  const areShort = roles.every((role) => /^[A-Za-z0-9._:-]{1,64}$/.test(role))
  if (!areShort || roles.length > 32) {
    refuse('roles', 'at most 32 roles, each 1 to 64 of A-Z a-z 0-9 . _ : -')
  }
}
