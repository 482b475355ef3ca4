import { type Chapter, chapter } from './requirement.ts'

const proxy = 'whoever runs it: TLS ends at the proxy in front'

export const cryptography: Chapter = chapter(
  11,
  'Cryptography',
  `
11.1.1 2 Documents say how keys are made, kept, rotated and taken out
11.1.2 2 Documents list keys and algorithms, and what each is for
11.2.1 2 Cryptography is from libraries that are well kept
11.2.2 2 Algorithms, keys and hashes can be exchanged
11.2.3 2 128 bits of security everywhere
! RSA keys of 2,048 bits (112 bits) are taken, as other systems have them. What Curfew makes by
  default is ES256.
11.3.1 1 No ECB, no weak padding
11.3.2 1 Approved ciphers and modes only
11.3.3 2 What is encrypted cannot be altered unseen
11.4.1 1 Approved hash functions only
! Imported PBKDF2 hashes with SHA-1 (Django's) are compared until the first login, which replaces
  them. Everything else is SHA-2.
11.4.2 2 Passwords are hashed by a costly function with current parameters
11.4.3 2 Hashes in signatures have 256 bits
11.4.4 2 Keys that come from passwords are stretched
- no key comes from a password
11.5.1 2 What must not be guessed is random, of 128 bits
11.6.1 2 Approved algorithms for keys and signatures; weak keys are refused
`,
)

export const communication: Chapter = chapter(
  12,
  'Communication',
  `
12.1.1 1 TLS 1.2 or 1.3
- ${proxy}; connections that Curfew opens have the defaults of Node, 1.2 and 1.3
12.1.2 2 Recommended cipher suites
- ${proxy}
12.1.3 2 Certificates of clients are checked before they count
- no client is known by a certificate
12.2.1 1 Clients reach public services by TLS alone
12.2.2 1 Public services have publicly trusted certificates
- ${proxy}
12.3.1 2 Every connection is encrypted
! TLS to Kafka and MongoDB is a setting and not demanded.
12.3.2 2 Certificates of servers are checked
12.3.3 2 Services use TLS among themselves
12.3.4 2 Certificates of one's own are trusted by name
`,
)
