import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { createUser } from '../gateway/accounts/index.ts'
import type { Gateway } from '../gateway/compose.ts'

export type FirstUser = Readonly<{ username: string; password: string }>

/**
 * There is no default account. An empty directory gets one user with a random password, which is
 * shown once and stored nowhere. `null` if there are users, or if the team has its own directory.
 */
export const createFirstUser = async (
  { rooms }: Gateway,
  { entropy }: ProcessContext,
): Promise<FirstUser | null> => {
  if (rooms.accounts.ownUsers || (await rooms.accounts.directory.count()) > 0) return null
  const first = { username: 'admin', password: entropy.bytes(15).toString('base64url') }
  await createUser(rooms, { ...first, roles: ['admin'] })
  return first
}

/** The commands that a newcomer may type next. */
export const firstSteps = (
  { username, password }: FirstUser,
  gatewayUrl: string,
  ordersUrl: string,
): string => `
  First start: this user was created. The password is shown once and kept nowhere.

    user      ${username}
    password  ${password}

  In a browser:

    ${gatewayUrl}/account         the account
    ${gatewayUrl}/console         what happens, sessions, users

  Or with curl:

    curl -s -c jar -H 'content-type: application/json' \\
         -d '{"username":"${username}","password":"${password}"}' ${gatewayUrl}/login
    curl -s -b jar ${gatewayUrl}/me
    curl -s -b jar ${ordersUrl}/orders
    cp jar copy                                  # what a thief would have
    curl -s -b jar -c jar -X POST ${gatewayUrl}/logout
    curl -s -b copy ${ordersUrl}/orders           # refused, although the token is valid for minutes
`
