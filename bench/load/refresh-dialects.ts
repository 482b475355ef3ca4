import type { Answer, Content } from '../support/connection.ts'
import { cookieOf } from '../support/connection.ts'

/** How a server takes a refresh token, and how it answers the next. */
export type Dialect = 'curfew' | 'oidc-provider' | 'simple-jwt'

type Asked = Readonly<{ path: string; cookie: string; content: Content | null }>
type Spoken = Readonly<{ ask: (held: string) => Asked; next: (answer: Answer) => string }>

const memberOf = (body: string, name: string): string => {
  const value = (JSON.parse(body) as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}

/** What is held between two requests is a `Cookie` header, or the refresh token itself. */
export const dialects: Readonly<Record<Dialect, Spoken>> = {
  curfew: {
    ask: (held) => ({ path: '/refresh', cookie: held, content: null }),
    next: cookieOf,
  },
  'oidc-provider': {
    ask: (held) => ({
      path: '/token',
      cookie: '',
      content: {
        type: 'application/x-www-form-urlencoded',
        text: `grant_type=refresh_token&client_id=bench&refresh_token=${held}`,
      },
    }),
    next: ({ body }) => memberOf(body, 'refresh_token'),
  },
  'simple-jwt': {
    ask: (held) => ({
      path: '/token/refresh',
      cookie: '',
      content: { type: 'application/json', text: `{"refresh":"${held}"}` },
    }),
    next: ({ body }) => memberOf(body, 'refresh'),
  },
}
