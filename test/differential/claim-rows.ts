import { under } from './bodies.ts'
import { held, pair } from './held.ts'
import type { Observed } from './observed.ts'
import type { Scenario } from './rows.ts'
import { claimsOf, partOf, password, type Session, type Stage } from './stage.ts'

type Said = (session: Session, stage: Stage) => unknown
const said = (what: Said): Scenario =>
  held(async (stage, session): Promise<Observed> => ({ said: await what(session, stage) }))
const headerOf = (token: string): object => {
  const { kid: _, ...header } = partOf(token, 0)
  return 'kid' in partOf(token, 0) ? { ...header, kid: '<thumbprint>' } : header
}
const namesOf = (token: string): string[] => Object.keys(claimsOf(token)).sort()
const lifeOf = (token: string, end = 'exp'): number => {
  const { [end]: exp, iat } = claimsOf(token)
  return Number(exp) - Number(iat)
}
const cookieLines = (lines: readonly string[]): string[] =>
  lines
    .map((line) => {
      const [first = '', ...attributes] = line.split('; ')
      const shown = first.replace(/=(.+\..+)$/, '=<jwt>')
      const ages = attributes.map((one) => one.replace(/^Max-Age=[1-9]\d*$/, 'Max-Age=<seconds>'))
      return [shown, ...ages.sort()].join('; ')
    })
    .sort()

const slid = async (stage: Stage, token: string): Promise<string> => {
  const { body } = await stage.raw({ path: '/api/token/sliding/refresh/', json: { token } })
  return String(body['token'])
}
const keptOrNew = (before: unknown, after: unknown): string => (before === after ? 'kept' : 'new')

export const claimRows: Readonly<Record<string, Scenario>> = under('claims', {
  'header of the access token': said(({ access }) => headerOf(access)),
  'header of the refresh token': said(({ refresh }) => headerOf(refresh)),
  'claims of the access token': said(({ access }) => namesOf(access)),
  'claims of the refresh token': said(({ refresh }) => namesOf(refresh)),
  'claims of the sliding token': said(async ({ user }, stage) =>
    namesOf(await stage.slidingOf(user)),
  ),
  'lifetimes in seconds: access, refresh, sliding, sliding refresh': said(
    async ({ access, refresh, user }, stage) => {
      const token = await stage.slidingOf(user)
      return [lifeOf(access), lifeOf(refresh), lifeOf(token), lifeOf(token, 'refresh_exp')]
    },
  ),
  'jti of the two tokens of one login': said(({ access, refresh }) =>
    claimsOf(access)['jti'] === claimsOf(refresh)['jti'] ? 'are one' : 'differ',
  ),
  'form of jti': said(({ access }) =>
    /^[0-9a-f]{32}$/.test(String(claimsOf(access)['jti'])) ? '32 hex digits' : 'other',
  ),
  'type of user_id in the token': said(({ access }) => typeof claimsOf(access)['user_id']),
  'iss, aud, sub, nbf, kid in the access token': said(({ access }) =>
    ['iss', 'aud', 'sub', 'nbf', 'kid'].filter((name) =>
      Object.hasOwn({ ...partOf(access, 0), ...claimsOf(access) }, name),
    ),
  ),
  'exp of a refresh token after its rotation': said(async ({ refresh }, stage) => {
    const { body } = await stage.raw({ path: '/api/token/refresh/', json: { refresh } })
    return `iat + ${lifeOf(String(body['refresh']))}`
  }),
  'after a sliding refresh': said(async ({ user }, stage) => {
    const token = await stage.slidingOf(user)
    await stage.untilNextSecond()
    const [before, after] = [claimsOf(token), claimsOf(await slid(stage, token))]
    return Object.fromEntries(
      ['jti', 'refresh_exp', 'exp', 'iat'].map((name) => [
        name,
        keptOrNew(before[name], after[name]),
      ]),
    )
  }),
  'cookies of a login': said(async (_, stage) => {
    const json = { username: 'alice', password }
    return cookieLines((await stage.raw({ path: '/login', json })).setCookie)
  }),
  'cookies of a logout': said(async (session, stage) =>
    cookieLines((await stage.raw({ path: '/logout', cookies: pair(session) })).setCookie),
  ),
  'Cache-Control of a login': said(async (_, stage) => {
    const json = { username: 'alice', password }
    const { headers } = await stage.raw({ path: '/login', json })
    return headers['cache-control'] ?? null
  }),
})
