import { authentication, sessions } from './authentication.ts'
import { frontend } from './browsers.ts'
import { communication, cryptography } from './cryptography.ts'
import { api, encoding, files, validation } from './input.ts'
import { architecture, configuration, dataProtection, logging } from './operation.ts'
import type { Chapter } from './requirement.ts'
import { authorization, oauth, selfContained } from './tokens.ts'

/** Chapters 1 to 16 of ASVS 5.0.0: every requirement of level 1 and 2. */
export const chapters: readonly Chapter[] = [
  encoding,
  validation,
  frontend,
  api,
  files,
  authentication,
  sessions,
  authorization,
  selfContained,
  oauth,
  cryptography,
  communication,
  configuration,
  dataProtection,
  architecture,
  logging,
]
