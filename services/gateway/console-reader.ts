import type { Context } from 'koa'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { ConsoleReader } from '../console/index.ts'
import { requireUser } from './accounts/index.ts'
import { whenSignedIn } from './pages/index.ts'
import type { Rooms } from './rooms.ts'

/**
 * The person who opens the console, and what they may do there, as the store and the directory say
 * now.
 */
export const consoleReader =
  (rooms: Rooms) =>
  async (ctx: Context): Promise<ConsoleReader> => {
    const read = async (): Promise<ConsoleReader> => {
      const { user } = await requireUser(rooms, ctx, rooms.context.storeClock.now())
      const { username, roles } = user
      if (roles.includes(rooms.accounts.adminRole)) return { username, may: 'act' }
      return { username, may: roles.includes(rooms.audit.role) ? 'read' : 'nothing' }
    }
    try {
      return await whenSignedIn(rooms, ctx, read)
    } catch (error) {
      if (isAuthError(error, 'FORBIDDEN')) return { username: 'a disabled user', may: 'nothing' }
      throw error
    }
  }
