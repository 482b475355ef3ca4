import { type Chapter, chapter } from './requirement.ts'

const noCode = 'no OAuth authorization server: there is no authorization endpoint and no code'
const noClient = 'Curfew is no OAuth or OpenID Connect client'

export const authorization: Chapter = chapter(
  8,
  'Authorization',
  `
8.1.1 1 Documents say who may do what
8.1.2 2 Documents say who may read and write which members
8.2.1 1 Functions are for those alone who have the permission
8.2.2 1 Data are for those alone who have the permission
8.2.3 2 Members are for those alone who have the permission
8.3.1 1 The server decides, by what it knows itself
8.4.1 2 Tenants cannot reach each other
- no tenants: one store is one fleet and one set of users
`,
)

export const selfContained: Chapter = chapter(
  9,
  'Self-contained tokens',
  `
9.1.1 1 Signature or MAC is checked before the content counts
9.1.2 1 Algorithms are from a list, without none, and one kind a key
9.1.3 1 Keys are from where the settings say; a token names none of its own
9.2.1 1 exp and nbf are honoured
9.2.2 2 A token counts for its own purpose only
9.2.3 2 A token counts for its audience only
9.2.4 2 Tokens name the audience that they are for
`,
)

export const oauth: Chapter = chapter(
  10,
  'OAuth and OpenID Connect',
  `
10.1.1 2 Tokens are given to those alone who need them
10.1.2 2 A client takes only answers of a flow that it began
- ${noClient}
10.2.1 2 A client's code flow is safe from CSRF
- ${noClient}
10.2.2 2 A client is safe from mix-up of servers
- ${noClient}
10.3.1 2 A resource server takes tokens of its audience only
10.3.2 2 It decides by the claims of the token
10.3.3 2 It knows a user by what is never given to another
10.3.4 2 It checks strength and age of the login where it demands them
- guards demand none
10.4.1 1 Redirect addresses are compared exactly
- ${noCode}
10.4.2 1 A code is used once
- ${noCode}
10.4.3 1 A code lives for minutes
- ${noCode}
10.4.4 1 A client uses the grants that it needs; no implicit and no password grant
- no OAuth token endpoint: /api/token/ is Simple-JWT's login, for an application's own pages
10.4.5 1 A refresh token that is replayed ends its session
10.4.6 2 PKCE
- ${noCode}
10.4.7 2 Clients that register themselves are bounded
- no client registers itself
10.4.8 2 Refresh tokens have a greatest age, sliding too
10.4.9 2 Users can revoke tokens
10.4.10 2 Confidential clients authenticate at the back channel
10.4.11 2 A client has the permissions that it needs and no others
10.5.1 2 A client refuses replayed ID tokens
- ${noClient}
10.5.2 2 A client knows users by claims that are never given to another
- ${noClient}
10.5.3 2 A client refuses metadata of another issuer
10.5.4 2 A client checks the audience of ID tokens
- ${noClient}
10.5.5 2 A client checks logout tokens strictly
- Curfew sends logout tokens and takes none
10.6.1 2 An OpenID provider allows safe response types only
- ${noCode}
10.6.2 2 An OpenID provider lets nobody force a logout
- no logout endpoint of OpenID Connect
10.7.1 2 Users consent to each authorization
- ${noCode}
10.7.2 2 The consent says what is asked for
- ${noCode}
10.7.3 2 Consents can be seen and taken back
- ${noCode}
`,
)
