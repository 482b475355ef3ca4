import { type Chapter, chapter } from './requirement.ts'

const noPage = 'Curfew has no page: it answers JSON'

export const frontend: Chapter = chapter(
  3,
  'Web frontend',
  `
3.2.1 1 A browser renders no answer in a wrong context
3.2.2 1 Text is shown as text
- ${noPage}
3.3.1 1 Cookies are Secure, with the prefix __Host- or __Secure-
3.3.2 2 Each cookie has the SameSite that its purpose needs
3.3.3 2 Cookies have the prefix __Host- unless other hosts are meant to share them
! The access cookie has it. The refresh cookie has __Secure-, since __Host- forbids the path that
  keeps it away from every service but the gateway.
3.3.4 2 Session cookies are HttpOnly, and their value is sent in Set-Cookie alone
3.4.1 1 Every answer says Strict-Transport-Security, for a year and all subdomains
3.4.2 1 CORS names origins from a list, never those that ask
3.4.3 2 A Content-Security-Policy with object-src 'none' and base-uri 'none'
3.4.4 2 X-Content-Type-Options: nosniff on every answer
3.4.5 2 A Referrer-Policy
3.4.6 2 frame-ancestors forbids embedding
3.5.1 1 Requests that a page of another origin caused are refused (CSRF)
3.5.2 1 Where a preflight is relied on, nothing gets by without one
- no preflight is relied on: each write is judged by itself (3.5.1)
3.5.3 1 GET and HEAD change nothing
3.5.4 2 Separate applications have separate host names
- whoever runs it: names of hosts are theirs
3.5.5 2 postMessage checks who sends
- ${noPage}
3.7.1 2 No outdated technologies in the browser
- ${noPage}
3.7.2 2 Redirects to other hosts are from a list
`,
)
