import { z } from 'zod'
import { claimName } from '../../../shared/http/token-location-settings.ts'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  optional,
  text,
} from '../../../shared/kernel/config.ts'

const second = 1_000

/** What tokens say beside their session. */
export const claimFields = {
  userIdField: field({
    env: 'CURFEW_USER_ID_FIELD',
    simpleJwt: 'USER_ID_FIELD',
    schema: z.enum(['id', 'username'], { error: 'is neither id nor username' }),
    otherwise: 'id',
    takes: 'id or username',
    doc:
      'What CURFEW_USER_ID_CLAIM holds: the id that services know a user by (an imported user ' +
      'keeps the old one), or the name.',
  }),
  tokenTypeClaim: field({
    env: 'CURFEW_TOKEN_TYPE_CLAIM',
    simpleJwt: 'TOKEN_TYPE_CLAIM',
    schema: claimName,
    otherwise: 'token_type',
    takes: 'a claim name',
    doc: 'Another name under which tokens say their kind too, for services that read it there.',
  }),
  jtiClaim: field({
    env: 'CURFEW_JTI_CLAIM',
    simpleJwt: 'JTI_CLAIM',
    schema: claimName,
    otherwise: 'jti',
    takes: 'a claim name',
    doc: 'Another name under which tokens say their id too.',
  }),
  refreshExpClaim: field({
    env: 'CURFEW_SLIDING_TOKEN_REFRESH_EXP_CLAIM',
    simpleJwt: 'SLIDING_TOKEN_REFRESH_EXP_CLAIM',
    schema: claimName,
    otherwise: 'refresh_exp',
    takes: 'a claim name',
    doc: 'Another name under which a sliding token says too until when it may be renewed.',
  }),
  claimsHook: optional({
    env: 'CURFEW_CLAIMS_HOOK',
    schema: text(),
    takes: 'a file: an ES module (.mjs, .js, .ts)',
    doc: 'Adds claims of your own to tokens at login, and at refresh where it asks to.',
  }),
  claimsTimeoutMs: field({
    env: 'CURFEW_CLAIMS_TIMEOUT',
    schema: duration(10).refine((ms) => ms <= 10 * second, { error: 'must be at most 10s' }),
    otherwise: '1s',
    takes: durationTakes,
    doc: 'How long that hook may take before the request is answered 503; at most 10s.',
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
