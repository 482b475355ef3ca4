import type { Dice } from '../fakes/dice.ts'

/** What a request shows, and whether it is the token that it was drawn for. */
export type Shown = Readonly<{
  headers: Readonly<Record<string, string | readonly string[]>>
  /** `token`, or nobody's that is good. */
  speaks: 'token' | 'nobody'
  name: string
}>

const foreign = [
  'Basic YWxpY2U6c2VjcmV0',
  'basic YWxpY2U6',
  'Token 0123456789abcdef',
  'Negotiate YIIJ0wYGKwYBBQUC==',
  'NTLM TlRMTVNTUAAB',
  'Digest username="Bearer a", realm="b", nonce="c"',
  'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c',
  'Bearer: a.b.c',
  'bearer a.b.c',
  'BEARER a b',
  'JWT a.b.c',
  'a.b.c',
  '=',
] as const
const empty = ['', ' ', '\t '] as const
const malformed = ['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a.b.c, Basic d'] as const

type Form = (token: string, dice: Dice) => string
const inHeader: readonly Form[] = [
  (token) => `Bearer ${token}`,
  (token) => `Bearer \t  ${token}`,
  (token) => `Bearer ${token} \t`,
]
const inCookie: readonly Form[] = [
  (token) => `access=${token}`,
  (token) => `access="${token}"`,
  (token) => `access=${token} `,
  (token) => `theme=dark; access=${token}; lang="de"`,
  (token) => `theme=dark;access=${token};access_=1`,
  (token) => `Access=other; access=${token}; __Host-access=other; accesS=; =access`,
  (token) => `access=${token}; refresh=a.b.c; refresh=d.e.f`,
]

type Way = (token: string, dice: Dice) => Omit<Shown, 'name'>
const speaking = (headers: Shown['headers']): Omit<Shown, 'name'> => ({ headers, speaks: 'token' })
const nobody = (headers: Shown['headers']): Omit<Shown, 'name'> => ({ headers, speaks: 'nobody' })
const headerOf: Form = (token, dice) => dice.pick(inHeader)(token, dice)
const cookieOf: Form = (token, dice) => dice.pick(inCookie)(token, dice)

const ways = {
  'in the header alone': (token, dice) => speaking({ authorization: headerOf(token, dice) }),
  'in the cookie alone': (token, dice) => speaking({ cookie: cookieOf(token, dice) }),
  'in the cookie, beside another scheme': (token, dice) =>
    speaking({ authorization: dice.pick(foreign), cookie: cookieOf(token, dice) }),
  'in the cookie, beside two other schemes': (token, dice) =>
    speaking({
      authorization: [dice.pick(foreign), dice.pick(foreign)],
      cookie: cookieOf(token, dice),
    }),
  'in the cookie, beside an empty header': (token, dice) =>
    speaking({ authorization: dice.pick(empty), cookie: cookieOf(token, dice) }),
  'in the header, beside a cookie that is none': (token, dice) =>
    speaking({ authorization: headerOf(token, dice), cookie: cookieOf('a.b.c', dice) }),
  'in the header, beside two cookies': (token, dice) =>
    speaking({ authorization: headerOf(token, dice), cookie: 'access=a; access=b' }),
  'in the header, beside another scheme': (token, dice) => {
    const both = [headerOf(token, dice), dice.pick(foreign)]
    return speaking({ authorization: dice.chance(50) ? both : both.reverse() })
  },
  'in the header twice': (token, dice) =>
    nobody({
      authorization: [headerOf(token, dice), headerOf(token, dice)],
      cookie: cookieOf(token, dice),
    }),
  'in the header, beside another one of ours': (token, dice) => {
    const both = [headerOf(token, dice), headerOf('a.b.c', dice)]
    return nobody({ authorization: dice.chance(50) ? both : both.reverse() })
  },
  'in the cookie, beside a bad header of ours': (token, dice) =>
    nobody({ authorization: dice.pick([...malformed, 'Bearer a.b.c']), cookie: `access=${token}` }),
  'in one of two cookies': (token, dice) => {
    const both = [`access=${token}`, 'access=a.b.c']
    const cookies = dice.chance(50) ? both : both.reverse()
    return nobody({ cookie: dice.chance(50) ? cookies.join('; ') : cookies })
  },
  'in a cookie of a like name': (token, dice) => {
    const names = ['Access', 'access ', '$access', 'x=1; \taccess', '\u00a0access']
    return nobody({ cookie: `${dice.pick(names)}=${token}` })
  },
  'behind another scheme': (token, dice) =>
    nobody({
      authorization: `${dice.pick(['bearer', 'JWT', 'Basic', 'Bearer:', 'Bearer,'])} ${token}`,
    }),
} as const satisfies Readonly<Record<string, Way>>

export const waysToShow = Object.keys(ways) as readonly (keyof typeof ways)[]

/** A token in any place and form in which a request may hold it, beside what is somebody else's. */
export const showToken = (
  token: string,
  dice: Dice,
  name: keyof typeof ways = dice.pick(waysToShow),
): Shown => {
  const way: Way = ways[name]
  return { name, ...way(token, dice) }
}
