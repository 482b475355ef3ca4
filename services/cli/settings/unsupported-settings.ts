const hook = 'a claims hook adds claims, and the answers are fixed'

/**
 * Settings of Simple-JWT, past and present, that Curfew answers otherwise. The first four stop the
 * start there too, since 5.0 or longer.
 */
export const unsupportedSettings: Readonly<Record<string, string>> = {
  AUTH_HEADER_TYPE: 'Simple-JWT removed it; use AUTH_HEADER_TYPES',
  AUTH_TOKEN_CLASS: 'Simple-JWT removed it; use AUTH_TOKEN_CLASSES',
  SECRET_KEY: 'Simple-JWT removed it; use SIGNING_KEY, and never Django’s SECRET_KEY',
  TOKEN_BACKEND_CLASS: 'Simple-JWT removed it; ALGORITHM and the keys say all there is to say',
  JSON_ENCODER: 'claims are JSON as it is',
  USER_AUTHENTICATION_RULE: 'the directory says who may log in; disable a user, or use your own',
  TOKEN_USER_CLASS: 'a service makes its user out of the claims itself',
  TOKEN_OBTAIN_SERIALIZER: hook,
  TOKEN_REFRESH_SERIALIZER: hook,
  TOKEN_VERIFY_SERIALIZER: hook,
  TOKEN_BLACKLIST_SERIALIZER: hook,
  SLIDING_TOKEN_OBTAIN_SERIALIZER: hook,
  SLIDING_TOKEN_REFRESH_SERIALIZER: hook,
}
