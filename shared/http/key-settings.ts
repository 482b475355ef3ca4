import { z } from 'zod'
import { field, optional, text } from '../kernel/config.ts'
import { algorithms } from '../tokens/keys/index.ts'
import { groupAccesses } from '../tokens/secret-files/index.ts'

// A handful of RSA keys as PEM, or a key set.
const keyCharactersMax = 32_768

/** Every process that reads files of keys. */
export const groupAccessField = field({
  env: 'CURFEW_KEYS_GROUP_ACCESS',
  schema: z.enum(groupAccesses, { error: 'is none of them' }),
  otherwise: 'none',
  takes: groupAccesses.join(', '),
  doc:
    'What the group of key files and data files, and of the folders they are in, may do. `read` ' +
    'for a Secret of Kubernetes (0440), `write` for a volume with `fsGroup` (0660, 2770): all of ' +
    'that group are trusted with keys and data. Others’ access is always refused.',
})

/** Keys that come from elsewhere than the gateway's key files; gateway and guards alike. */
export const keyFields = {
  groupAccess: groupAccessField,
  algorithm: optional({
    env: 'CURFEW_ALGORITHM',
    simpleJwt: 'ALGORITHM',
    schema: z.enum(algorithms, { error: 'is no algorithm that Curfew signs with' }),
    takes: algorithms.join(', '),
    doc:
      'Signs access and sliding tokens. Without it ES256 for new keys; `signing.json` keeps what ' +
      'it has. Refresh tokens are always HS256 under a key that never leaves the gateway.',
  }),
  verifyingKey: optional({
    env: 'CURFEW_VERIFYING_KEY',
    simpleJwt: 'VERIFYING_KEY',
    schema: text(keyCharactersMax),
    secret: true,
    takes: 'public keys as PEM, a JWK Set, or an HMAC secret',
    doc:
      'Keys that are accepted beside the gateway’s own; it shows the public ones in its key set. ' +
      'With HS256, HS384 or HS512 a guard needs the secret here: no key set can show it.',
  }),
  verifyingKeyFile: optional({
    env: 'CURFEW_VERIFYING_KEY_FILE',
    simpleJwt: 'VERIFYING_KEY',
    schema: text(),
    takes: 'a file',
    doc: 'The same from a file; a copy of the gateway’s `signing.json` will do.',
  }),
} as const

/** Only who signs reads these. */
export const signingKeyFields = {
  signingKey: optional({
    env: 'CURFEW_SIGNING_KEY',
    simpleJwt: 'SIGNING_KEY',
    schema: text(keyCharactersMax),
    secret: true,
    takes: 'a private key as PEM, or with HS256, HS384, HS512 a secret',
    doc:
      'Signs access and sliding tokens instead of the active key of `signing.json`, whose keys ' +
      'stay accepted. Every gateway needs the same one.',
  }),
  signingKeyFile: optional({
    env: 'CURFEW_SIGNING_KEY_FILE',
    simpleJwt: 'SIGNING_KEY',
    schema: text(),
    takes: 'a file that others cannot read',
    doc: 'The same from a file.',
  }),
} as const
