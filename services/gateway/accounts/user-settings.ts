import { claimName } from '../../../shared/http/token-fields.ts'
import { field, flag, flagTakes } from '../../../shared/kernel/config.ts'

/** What a login and a refresh ask of a user. Named after Simple-JWT's settings. */
export const userFields = {
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
  checkRevokeToken: field({
    env: 'CURFEW_CHECK_REVOKE_TOKEN',
    simpleJwt: 'CHECK_REVOKE_TOKEN',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Tokens carry a mark that is another one after a password change, and `GET /me` says ' +
      '`password_changed`. A password change ends every session without it too.',
  }),
  revokeTokenClaim: field({
    env: 'CURFEW_REVOKE_TOKEN_CLAIM',
    simpleJwt: 'REVOKE_TOKEN_CLAIM',
    schema: claimName,
    otherwise: 'hash_password',
    takes: 'a claim name',
    doc: 'The claim of that mark. It holds no hash, nor a hash of one.',
  }),
} as const
