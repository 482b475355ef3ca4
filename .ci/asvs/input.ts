import { type Chapter, chapter } from './requirement.ts'

export const encoding: Chapter = chapter(
  1,
  'Encoding and sanitization',
  `
1.1.1 2 Input is decoded once, into one canonical form, before it is judged
1.1.2 2 Output is encoded last, for whom it is meant
1.2.1 1 What goes into headers and documents cannot change their structure
1.2.2 1 Addresses that are built encode what is put in, and use safe schemes alone
1.2.3 1 JSON that is built cannot be broken out of
1.2.4 1 No injection into queries of the database
1.2.5 1 No injection into commands of the system
1.2.6 2 No LDAP injection
- no LDAP is spoken
1.2.7 2 No XPath injection
- no XPath is used
1.2.8 2 No LaTeX injection
- no LaTeX is used
1.2.9 2 No pattern is made of what somebody sent
1.3.1 1 HTML from editors is sanitized
- no HTML is taken
1.3.2 1 No text is run as code
1.3.3 2 What goes into a dangerous context (a log, a header) is made safe or refused
1.3.4 2 SVG from users is sanitized
- no SVG is taken
1.3.5 2 Markdown, style sheets and the like from users are sanitized
- none is taken
1.3.6 2 No server-side request forgery: whom the server calls is judged
1.3.7 2 No template injection
- no templates
1.3.8 2 No JNDI injection
- no Java
1.3.9 2 No injection into memcache
- no memcache
1.3.10 2 Format strings hold nothing of a request
- lines of the log are JSON members, and nothing of a request is a format
1.3.11 2 No injection into mail
- no mail is sent
1.4.1 2 Strings and buffers are safe from overflows
- JavaScript: the runtime checks bounds
1.4.2 2 Numbers are checked for sign, range and overflow
1.4.3 2 Memory is freed, and not used afterwards
- JavaScript: the runtime frees it
1.5.1 1 XML parsers resolve nothing external
- no XML is read
1.5.2 2 What is deserialized cannot name types or reach prototypes
`,
)

export const validation: Chapter = chapter(
  2,
  'Validation and business logic',
  `
2.1.1 1 Documents say which form each input has
2.1.2 2 Documents say which inputs must fit together
2.1.3 2 Documents say which limits hold, for a user and for all
2.2.1 1 Input is checked against its expected form
2.2.2 1 It is checked at the server
2.2.3 2 Inputs that belong together are checked together
2.3.1 1 Steps happen in their order, and none is skipped
2.3.2 2 Limits are kept as documented
2.3.3 2 A change happens whole or not at all
2.3.4 2 What exists once cannot be had twice by racing
2.4.1 2 Excessive calls are bounded
`,
)

export const api: Chapter = chapter(
  4,
  'API and web service',
  `
4.1.1 1 Answers with a body name its type, and its charset where it is text
4.1.2 2 An API does not redirect from HTTP to HTTPS by itself
4.1.3 2 Headers that a proxy sets cannot be overwritten by the client
4.2.1 2 Where a message ends is unambiguous: no request smuggling
4.3.1 2 Nested queries are bounded
- no GraphQL
4.3.2 2 GraphQL introspection is off
- no GraphQL
4.4.1 1 WebSockets use TLS
- whoever runs it: TLS ends at the proxy in front, and Curfew opens no WebSocket itself
4.4.2 2 The origin of a WebSocket handshake is checked
4.4.3 2 Tokens of WebSockets' own follow the rules of sessions
- there are none: a handshake is judged by the session's access token
4.4.4 2 Tokens of WebSockets' own come from the HTTPS session
- there are none: a handshake is judged by the session's access token
`,
)

const noFile = 'no file upload: a multipart body that holds a file is refused'

export const files: Chapter = chapter(
  5,
  'File handling',
  `
5.1.1 2 Documents say which files may be uploaded
- ${noFile}
5.2.1 1 Files are bounded in size
- ${noFile}
5.2.2 1 A file's content fits its name
- ${noFile}
5.2.3 2 Compressed files are bounded before they are unpacked
- ${noFile}; a compressed body is refused too
5.3.1 1 Uploaded files are never run
- ${noFile}
5.3.2 1 Paths of files hold nothing that a user sent
- no path is made of anything in a request
5.4.1 2 File names that users send are checked
- no file is served
5.4.2 2 File names that are served are encoded
- no file is served
5.4.3 2 Files of others are scanned
- ${noFile}
`,
)
