import type Router from '@koa/router'
import type { Context } from 'koa'
import { parsedTypes } from './read-body.ts'

type View = Readonly<{ path: string; name: string; description?: string; fields?: Fields }>
type Fields = Readonly<Record<string, string>>

const credentials: Fields = { username: 'Username', password: 'Password' }
const sliding = 'Takes a sliding JSON web token and returns a new, refreshed version of the token.'

/** The metadata of Django REST framework's views, by path. */
const views: readonly View[] = [
  { path: '/login', name: 'Login', fields: credentials },
  { path: '/refresh', name: 'Refresh' },
  { path: '/verify', name: 'Verify' },
  { path: '/sliding/login', name: 'Sliding Login', fields: credentials },
  { path: '/sliding/refresh', name: 'Sliding Refresh' },
  {
    path: '/api/token{/}',
    name: 'Token Obtain Pair',
    description: 'Takes a set of user credentials and returns an access and refresh token pair.',
    fields: credentials,
  },
  {
    path: '/api/token/refresh{/}',
    name: 'Token Refresh',
    description: 'Takes a refresh token and returns an access token if the refresh token is valid.',
    fields: { refresh: 'Refresh' },
  },
  {
    path: '/api/token/verify{/}',
    name: 'Token Verify',
    description: 'Takes a token and indicates if it is valid.',
    fields: { token: 'Token' },
  },
  {
    path: '/api/token/blacklist{/}',
    name: 'Token Blacklist',
    description: 'Takes a refresh token and ends its session.',
    fields: { refresh: 'Refresh' },
  },
  {
    path: '/api/token/sliding{/}',
    name: 'Token Obtain Sliding',
    description: 'Takes a set of user credentials and returns a sliding token.',
    fields: credentials,
  },
  {
    path: '/api/token/sliding/refresh{/}',
    name: 'Token Refresh Sliding',
    description: sliding,
    fields: { token: 'Token' },
  },
]

const described = (fields: Fields): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, label]) => [
      name,
      { type: 'string', required: true, read_only: false, label },
    ]),
  )

const metadataOf = ({ name, description = '', fields }: View): object => ({
  name,
  description,
  renders: ['application/json'],
  parses: parsedTypes,
  ...(fields ? { actions: { POST: described(fields) } } : {}),
})

/** `OPTIONS` of each view answers its name, media types and fields, without authentication. */
export const answerOptions = (router: Router): void => {
  for (const view of views) {
    router.options(view.path, (ctx: Context) => {
      ctx.set('Allow', 'POST, OPTIONS')
      ctx.body = metadataOf(view)
    })
  }
}
