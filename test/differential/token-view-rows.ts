import { endSessionById } from '../../services/gateway/revocations/append-revocation.ts'
import { noOrigin } from '../../shared/events/event.ts'
import { sessionId } from '../../shared/kernel/ids.ts'
import { fieldCases, under } from './bodies.ts'
import { deleted, disabled, held, logout, pair } from './held.ts'
import type { Observed } from './observed.ts'
import type { Scenario } from './rows.ts'
import { claimsOf, resigned, type Stage } from './stage.ts'

const post = (stage: Stage, view: string, json: object): Promise<Observed> =>
  stage.send({ path: `/api/token/${view}/`, json })
const refresh = (stage: Stage, token: string) => post(stage, 'refresh', { refresh: token })
const blacklist = (stage: Stage, token: string) => post(stage, 'blacklist', { refresh: token })
const verify = (stage: Stage, token: string) => post(stage, 'verify', { token })
const slide = (stage: Stage, token: string) => post(stage, 'sliding/refresh', { token })

const refreshCases: Readonly<Record<string, Scenario>> = {
  ...fieldCases('/api/token/refresh/', 'refresh'),
  success: held((stage, session) => refresh(stage, session.refresh)),
  blacklisted: held(async (stage, session) => {
    await blacklist(stage, session.refresh)
    return refresh(stage, session.refresh)
  }),
  'access token as refresh': held((stage, { access }) => refresh(stage, access)),
}

const verifyCases: Readonly<Record<string, Scenario>> = {
  ...fieldCases('/api/token/verify/', 'token'),
  'good access token': held((stage, { access }) => verify(stage, access)),
  'good refresh token': held((stage, session) => verify(stage, session.refresh)),
  'good sliding token': held(async (stage, { user }) => verify(stage, await stage.slidingOf(user))),
  'blacklisted refresh token': held(async (stage, session) => {
    await blacklist(stage, session.refresh)
    return verify(stage, session.refresh)
  }),
  'access token of a logged-out session': held(async (stage, session) => {
    await logout(stage, pair(session))
    return verify(stage, session.access)
  }),
}

const blacklistCases: Readonly<Record<string, Scenario>> = {
  ...fieldCases('/api/token/blacklist/', 'refresh'),
  'good refresh token (no authentication asked for)': held((stage, session) =>
    blacklist(stage, session.refresh),
  ),
  'the same again': held(async (stage, session) => {
    await blacklist(stage, session.refresh)
    return blacklist(stage, session.refresh)
  }),
  'access token': held((stage, { access }) => blacklist(stage, access)),
  'user deleted after login': held(async (stage, session) => {
    await deleted(stage, session)
    return blacklist(stage, session.refresh)
  }),
}

type Sliding = (
  stage: Stage,
  token: string,
  session: Parameters<Parameters<typeof held>[0]>[1],
) => Promise<Observed>
const sliding = (run: Sliding): Scenario =>
  held(async (stage, session) => run(stage, await stage.slidingOf(session.user), session))

/** What an administrator did to a row of the database: here, to the session. */
export const endSliding = async (stage: Stage, token: string): Promise<void> => {
  const sid = sessionId(String(claimsOf(token)['sid']))
  await endSessionById(stage.world.rooms, { sid, reason: 'revoked', origin: noOrigin })
}

const nowOf = ({ world }: Stage): number => Math.floor(world.rooms.context.storeClock.now() / 1000)

const slidingCases: Readonly<Record<string, Scenario>> = {
  ...fieldCases('/api/token/sliding/refresh/', 'token'),
  success: sliding(slide),
  'the old token again (it is not blacklisted)': sliding(async (stage, token) => {
    await slide(stage, token)
    return slide(stage, token)
  }),
  'refresh_exp passed, exp not': sliding((stage, token) => {
    const past = nowOf(stage) - 60
    return slide(
      stage,
      resigned(stage, token, (claims) => ({ ...claims, refresh_exp: past })),
    )
  }),
  'exp passed, refresh_exp not': sliding((stage, token) => {
    const [iat, exp] = [nowOf(stage) - 1_000, nowOf(stage) - 60]
    return slide(
      stage,
      resigned(stage, token, (claims) => ({ ...claims, iat, exp })),
    )
  }),
  'no refresh_exp': sliding((stage, token) =>
    slide(
      stage,
      resigned(stage, token, ({ refresh_exp: _, ...claims }) => claims),
    ),
  ),
  'user made inactive after login': sliding(async (stage, token, session) => {
    await disabled(stage, session)
    return slide(stage, token)
  }),
  'jti blacklisted (by hand, in the database)': sliding(async (stage, token) => {
    await endSliding(stage, token)
    return slide(stage, token)
  }),
  'its refreshed successor, same jti': sliding(async (stage, token) => {
    const { body } = await stage.raw({ path: '/api/token/sliding/refresh/', json: { token } })
    await endSliding(stage, token)
    return slide(stage, String(body['token']))
  }),
  'user deleted after login': sliding(async (stage, token, session) => {
    await deleted(stage, session)
    return slide(stage, token)
  }),
}

export const tokenViewRows: Readonly<Record<string, Scenario>> = {
  ...under('POST /api/token/refresh/', refreshCases),
  ...under('POST /api/token/verify/', verifyCases),
  ...under('POST /api/token/blacklist/', blacklistCases),
  ...under('POST /api/token/sliding/refresh/', slidingCases),
}
