import { type Chapter, chapter } from './requirement.ts'

const platform = 'whoever runs it: Curfew writes to standard error, and the platform keeps that'

export const configuration: Chapter = chapter(
  13,
  'Configuration',
  `
13.1.1 2 Documents say with whom it communicates
13.2.1 2 Parts authenticate to each other with what changes, not with fixed passwords
! Service clients, MongoDB and Kafka over SASL have secrets that change when somebody changes them.
13.2.2 2 With the least rights that they need
13.2.3 2 Never with default credentials
13.2.4 2 Whom it may call is a list
! A service client with the permission receive may name any public host as a receiver.
13.2.5 2 The server's own calls are a list too
! As 13.2.4; a network policy in front may narrow it.
13.3.1 2 Secrets are kept apart from code and builds
13.3.2 2 Access to them is the least possible
13.4.1 1 No source control metadata is deployed
13.4.2 2 No debug mode in production
- there is none
13.4.3 2 No listings of directories
- no file is served
13.4.4 2 No TRACE
13.4.5 2 Monitoring is not exposed unless meant
`,
)

export const dataProtection: Chapter = chapter(
  14,
  'Data protection',
  `
14.1.1 2 Documents classify sensitive data by levels of protection
! docs/operations.md lists personal data, where they lie and for how long, without levels.
14.1.2 2 Documents say what each level demands
! As 14.1.1.
14.2.1 1 No token or key in an address
14.2.2 2 Proxies keep nothing sensitive
14.2.3 2 Nothing sensitive is sent to trackers and the like
- nobody is called but whom the settings and registered receivers name
14.2.4 2 Sensitive data are encrypted, kept and logged as documented
14.3.1 1 What a browser keeps is cleared when the session ends
14.3.2 2 Cache-Control: no-store
14.3.3 2 Browsers store nothing sensitive but session tokens
`,
)

export const architecture: Chapter = chapter(
  15,
  'Secure coding and architecture',
  `
15.1.1 1 Documents say within which time vulnerable libraries are replaced
! No time is promised.
15.1.2 2 There is an inventory of libraries, from trusted places
15.1.3 2 Documents name what is costly, and how it is bounded
15.2.1 1 Libraries are replaced within that time
! As 15.1.1.
15.2.2 2 What is costly is bounded
15.2.3 2 Production holds only what it needs
15.3.1 1 Answers hold the members that are needed and no others
15.3.2 2 Calls of the server follow no redirect
15.3.3 2 Members that a request may not set are refused
15.3.4 2 The client's address comes from trusted proxies only
15.3.5 2 Types are checked, and compared strictly
15.3.6 2 No prototype pollution
15.3.7 2 What comes twice, or in two places, is refused
`,
)

export const logging: Chapter = chapter(
  16,
  'Logging and errors',
  `
16.1.1 2 Documents list what is logged, where and how
16.2.1 2 Each line says when, where, who and what
16.2.2 2 Instants are in UTC
16.2.3 2 Logs go only where documents say
16.2.4 2 Logs have a form that machines read
16.2.5 2 Secrets are never logged, ids as far as documented
16.3.1 2 Logins are logged, failed ones too
16.3.2 2 Refused permissions are logged
16.3.3 2 Attempts to get around a control are logged
16.3.4 2 Unexpected errors are logged, failures of TLS too
16.4.1 2 No injection into the log
16.4.2 2 Logs cannot be read or changed by others
- ${platform}
16.4.3 2 Logs are sent to a separate system
- ${platform}
16.5.1 2 Errors tell the client nothing of the inside
16.5.2 2 It stays secure when something that it needs fails
16.5.3 2 It fails closed
`,
)
