import { type Chapter, chapter } from './requirement.ts'

const noPage = 'Curfew has no page: fields for passwords are the application’s'
const noCode = 'there are no codes, lookup secrets or second factors (6.3.3)'

export const authentication: Chapter = chapter(
  6,
  'Authentication',
  `
6.1.1 1 Documents say how guessing is limited, and that nobody can lock others out
6.1.2 2 A list of words that passwords may not be made of is documented
6.1.3 2 Documents name all ways to log in together, with their strength
6.2.1 1 Passwords have 8 characters or more
6.2.2 1 Users can change their password
6.2.3 1 A change takes the current password and the new one
6.2.4 1 New passwords are compared with the 3,000 most used ones
6.2.5 1 No rules of composition
6.2.6 1 Fields for passwords are masked
- ${noPage}
6.2.7 1 Pasting and password managers are allowed
- ${noPage}
6.2.8 1 A password is checked as it came, neither cut nor changed in case
6.2.9 2 Passwords of 64 characters are allowed
6.2.10 2 Passwords do not expire by age
6.2.11 2 The documented words are refused in new passwords
6.2.12 2 New passwords are compared with breached ones
6.3.1 1 Guessing is limited as documented
6.3.2 1 There are no default accounts
6.3.3 2 Logging in takes several factors
! Curfew asks for a password alone. A directory of your own may ask for more.
6.3.4 2 No undocumented way to log in, and each as strong as the others
6.4.1 1 Initial passwords are random, and expire soon or with their first use
6.4.2 1 No hints, no secret questions
- there are none
6.4.3 2 A forgotten password can be reset securely
! Nothing resets it over HTTP: somebody who has the store sets another one by command.
6.4.4 2 A lost factor is replaced after proof of identity
- ${noCode}
6.5.1 2 Codes and lookup secrets can be used once
- ${noCode}
6.5.2 2 Lookup secrets are stored as hashes
- ${noCode}
6.5.3 2 Codes and their seeds are random
- ${noCode}
6.5.4 2 Codes have 20 bits or more
- ${noCode}
6.5.5 2 Codes expire within minutes
- ${noCode}
6.6.1 2 Codes by telephone only beside stronger ways
- ${noCode}
6.6.2 2 A code belongs to the request that it was made for
- ${noCode}
6.6.3 2 Guessing of codes is limited
- ${noCode}
6.8.1 2 No issuer's user can pass for that of another issuer
6.8.2 2 Signatures of assertions are always checked
6.8.3 2 SAML assertions are used once
- no SAML
6.8.4 2 Strength and age of a login elsewhere are checked where they are demanded
- none is demanded of another issuer's tokens
`,
)

export const sessions: Chapter = chapter(
  7,
  'Sessions',
  `
7.1.1 2 Documents say after which idle time and at which age a session ends
7.1.2 2 Documents say how many sessions a user may have, and what happens then
7.1.3 2 Documents say which systems share a session, and how it ends in all of them
7.2.1 1 Session tokens are verified by a server
7.2.2 1 They are made for each session, no static keys
7.2.3 1 Reference tokens are random, of 128 bits
- tokens are signed, none is a reference
7.2.4 1 Logging in makes new tokens, and ends the session that was presented
7.3.1 2 A session ends when it is idle
7.3.2 2 A session ends at a greatest age
7.4.1 1 After a logout or its end a session is refused everywhere
7.4.2 1 Disabling or deleting a user ends their sessions
7.4.3 2 A change of the password can end all other sessions
7.4.4 2 Pages show where to log out
- Curfew has no page
7.4.5 2 Administrators can end the sessions of one user and of all
7.5.1 2 Changes of what protects an account ask for the password again
7.5.2 2 Users see their sessions, and end them after showing a factor again
! They see and end them; an access token is enough for that, the password is not asked for again.
7.6.1 2 Between issuer and relying parties sessions last and end as documented
7.6.2 2 No session begins without an act of the user
`,
)
