import { httpCredentials } from '../adapters/http-directory/credentials.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Entropy } from '../kernel/entropy.ts'
import type { Credentials } from '../ports/credentials.ts'
import type { DirectoryConfig } from './directory-settings.ts'

/** The team's own directory; `null` where the built-in one keeps the users. */
export const openOwnDirectory = (
  { directoryUrl: url, directorySecret: secret, directoryTimeoutMs: timeoutMs }: DirectoryConfig,
  { clock, entropy }: Readonly<{ clock: Clock; entropy: Entropy }>,
): Credentials | null =>
  url && secret ? httpCredentials({ url, secret, timeoutMs, clock, entropy }) : null
