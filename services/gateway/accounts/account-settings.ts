import { z } from 'zod'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  list,
} from '../../../shared/kernel/config.ts'

const role = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, { error: 'is no role' })

/** The settings of the built-in directory. */
export const accountFields = {
  adminRole: field({
    env: 'CURFEW_ADMIN_ROLE',
    schema: role,
    otherwise: 'admin',
    takes: '1 to 64 of A-Z a-z 0-9 . _ : -',
    doc: 'The role that makes a user an administrator, of accounts and of everybody’s sessions.',
  }),
  passwordWords: field({
    env: 'CURFEW_PASSWORD_WORDS',
    schema: list.pipe(z.array(z.string().min(4).max(64))),
    otherwise: '',
    takes: 'words of 4 to 64 characters, separated by commas',
    doc:
      'Names of your product and company. A password that is made of one of them, of `curfew` or ' +
      'of the user’s name, with fewer than four other letters, is refused.',
  }),
  initialPasswordMs: field({
    env: 'CURFEW_INITIAL_PASSWORD_LIFETIME',
    schema: duration(60_000),
    otherwise: '1d',
    takes: durationTakes,
    doc:
      'How long the password opens an account that `POST /users` made for a new user, who must ' +
      'choose another one until then.',
  }),
  // Named after Simple-JWT's settings.
  checkUserIsActive: field({
    env: 'CURFEW_CHECK_USER_IS_ACTIVE',
    simpleJwt: 'CHECK_USER_IS_ACTIVE',
    schema: flag,
    otherwise: 'true',
    takes: flagTakes,
    doc:
      'A refresh and `GET /me` ask the directory whether the user is active, as a login does. ' +
      'When false, only a revocation ends the sessions of a user; disabling one in the built-in ' +
      'directory is a revocation.',
  }),
  updateLastLogin: field({
    env: 'CURFEW_UPDATE_LAST_LOGIN',
    simpleJwt: 'UPDATE_LAST_LOGIN',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc: 'Each login of a user of the built-in directory is a write of its instant.',
  }),
} as const
