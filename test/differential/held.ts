import { deleteUser, setActive } from '../../services/gateway/accounts/change-account.ts'
import type { Observed } from './observed.ts'
import type { Scenario } from './rows.ts'
import type { Session, Stage } from './stage.ts'

export type Cookies = Readonly<{ access?: string; refresh?: string }>
export type Held = (stage: Stage, session: Session) => Promise<Observed>

export const held =
  (run: Held): Scenario =>
  async (stage) =>
    run(stage, await stage.session())
export const refresh = (stage: Stage, cookies: Cookies, more: object = {}): Promise<Observed> =>
  stage.send({ path: '/refresh', cookies, ...more })
export const logout = (stage: Stage, cookies: Cookies, more: object = {}): Promise<Observed> =>
  stage.send({ path: '/logout', cookies, ...more })
export const pair = ({ access, refresh }: Session): Cookies => ({ access, refresh })
export const bearer = (value: string) => ({ headers: { authorization: value } })

export const disabled = async ({ world }: Stage, { user }: Session): Promise<void> => {
  await setActive(world.rooms, user.sub, false)
}
export const deleted = async ({ world }: Stage, { user }: Session): Promise<void> => {
  await deleteUser(world.rooms, user.sub)
}
