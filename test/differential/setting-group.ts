import type { Env } from '../../shared/kernel/config.ts'
import { changePassword } from '../support/worlds/delivered-changes.ts'
import { held } from './held.ts'
import type { Observed } from './observed.ts'
import type { Scenario } from './rows.ts'
import { claimsOf, resigned, type Session, type Stage } from './stage.ts'

/** The rows of one choice of settings, replayed on a gateway that has them. */
export type Group = Readonly<{
  env: Env
  scheme?: string
  rows: Readonly<Record<string, Scenario>>
}>

export const me = (stage: Stage, token: string, scheme = 'Bearer'): Promise<Observed> =>
  stage.send({
    method: 'GET',
    path: '/me',
    headers: token === '' ? {} : { authorization: `${scheme} ${token}` },
  })
export const view = (stage: Stage, name: string, json: object): Promise<Observed> =>
  stage.send({ path: `/api/token/${name}`, json })
export const refresh = (stage: Stage, token: string) => view(stage, 'refresh/', { refresh: token })
export const verify = (stage: Stage, token: string) => view(stage, 'verify/', { token })
export const slide = (stage: Stage, token: string) => view(stage, 'sliding/refresh/', { token })
export const good = held((stage, { access }) => me(stage, access))
export const refreshed = held((stage, session) => refresh(stage, session.refresh))

export const afterBlacklist = (
  then: (stage: Stage, session: Session) => Promise<Observed>,
): Scenario =>
  held(async (stage, session) => {
    await view(stage, 'blacklist/', { refresh: session.refresh })
    return then(stage, session)
  })
export const afterPassword = (
  then: (stage: Stage, session: Session) => Promise<Observed>,
): Scenario =>
  held(async (stage, session) => {
    await changePassword(stage.world.quickRooms, session.user.sub, 'another password')
    return then(stage, session)
  })
export const claimed = (change: (claims: Readonly<Record<string, unknown>>) => object): Scenario =>
  held((stage, { access }) => me(stage, resigned(stage, access, change)))
export const claimNames = held(async (_, { access }) => ({
  said: Object.keys(claimsOf(access)).sort(),
}))
export const stateless = (stage: Stage, access: string): Promise<Observed> =>
  stage.send({ method: 'GET', path: '/me/stateless', cookies: { access } })
export const nowOf = ({ world }: Stage): number =>
  Math.floor(world.rooms.context.storeClock.now() / 1000)
export const twice = held(async (stage, session) => {
  await refresh(stage, session.refresh)
  return refresh(stage, session.refresh)
})

export function named(
  group: string,
  rows: Readonly<Record<string, Scenario>>,
): Readonly<Record<string, Scenario>> {
  return Object.fromEntries(Object.entries(rows).map(([name, run]) => [`${group} | ${name}`, run]))
}
