import { z } from 'zod'
import { duration, durationTakes, field, httpUrl, optional, type Values } from '../kernel/config.ts'
import { isKnownSecret, knownSecretProblem } from '../tokens/known-secrets/publicly-known-secret.ts'

/** Where the users are, when it is not the built-in directory: docs/directory.md. */
export const directoryFields = {
  directoryUrl: optional({
    env: 'CURFEW_DIRECTORY_URL',
    schema: httpUrl,
    takes: 'an https address; http on loopback',
    doc: 'A service of yours that checks passwords and knows users, in place of the built-in one.',
  }),
  directorySecret: optional({
    env: 'CURFEW_DIRECTORY_SECRET',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{16,512}$/, {
        error: 'has fewer than 16 characters, or some that a header cannot carry',
      })
      .refine((secret) => !isKnownSecret(secret), { error: knownSecretProblem }),
    secret: true,
    takes: '16 to 512 visible ASCII characters',
    doc: 'What Curfew sends that service as `Authorization: Bearer`.',
  }),
  directoryTimeoutMs: field({
    env: 'CURFEW_DIRECTORY_TIMEOUT',
    schema: duration(50).refine((ms) => ms <= 10_000, { error: 'must be at most 10s' }),
    otherwise: '2s',
    takes: durationTakes,
    doc:
      'How long one call of that service may take, its repetitions included, before the request ' +
      'is answered 503; at most 10s.',
  }),
} as const

export type DirectoryConfig = Values<typeof directoryFields>

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

/** What single fields cannot say. */
export const directoryMistakes = ({ directoryUrl, directorySecret }: DirectoryConfig): string[] => {
  const mistakes: string[] = []
  if ((directoryUrl === null) !== (directorySecret === null)) {
    mistakes.push('CURFEW_DIRECTORY_URL and CURFEW_DIRECTORY_SECRET go together: both or neither.')
  }
  if (directoryUrl?.protocol === 'http:' && !isLoopback(directoryUrl)) {
    mistakes.push('CURFEW_DIRECTORY_URL is http, and not on loopback: passwords travel there.')
  }
  return mistakes
}
