import { builtInCredentials } from '../../../services/gateway/accounts/built-in-credentials.ts'
import {
  deleteUser,
  setActive,
  setPassword,
} from '../../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { httpCredentials } from '../../../shared/adapters/http-directory/credentials.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { Managed } from '../../contracts/credentials.ts'
import {
  directorySecret,
  type ForeignUser,
  openForeignDirectory,
} from '../servers/directory-server.ts'
import { accountParts } from '../worlds/account-parts.ts'
import { aSub } from './builders.ts'

/** The built-in directory on one of its adapters; what it owes the store, it settles there. */
export const builtInManaged = (directory: UserDirectory): Managed => {
  const parts = accountParts(directory)
  return {
    credentials: builtInCredentials(parts),
    add: async (someone) => (await createUser(parts, someone)).sub,
    setPassword: async (sub, password) => void (await setPassword(parts, sub, password)),
    setActive: async (sub, active) => void (await setActive(parts, sub, active)),
    remove: async (sub) => void (await deleteUser(parts, sub)),
    close: () => directory.close(),
  }
}

/** The HTTP adapter, and the example server of docs/directory.md behind real sockets. */
export const httpManaged = async (): Promise<Managed> => {
  const { url, users, close } = await openForeignDirectory()
  const of = (sub: string): ForeignUser => {
    const user = users.find((one) => one.sub === sub)
    if (!user) throw new Error(`no user ${sub}`)
    return user
  }
  const options = { url, secret: directorySecret, timeoutMs: 5_000, clock, entropy }
  return {
    credentials: httpCredentials(options),
    add: async (someone) => {
      const sub = aSub()
      users.push({ ...someone, sub, active: true })
      return sub
    },
    setPassword: async (sub, password) => {
      of(sub).password = password
    },
    setActive: async (sub, active) => {
      of(sub).active = active
    },
    remove: async (sub) => {
      users.splice(users.indexOf(of(sub)), 1)
    },
    close,
  }
}
