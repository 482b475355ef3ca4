import type { Context } from 'koa'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { ConsoleReader } from '../console/index.ts'
import { requireUser } from './accounts/index.ts'
import { Refusal, statusOfCode } from './http/index.ts'
import type { Rooms } from './rooms.ts'

/** Whether a request has nobody's credentials, or such as nobody takes. */
const isNobody = (error: unknown): boolean =>
  error instanceof Refusal
    ? error.status === 401
    : isAuthError(error) && (statusOfCode(error.code) ?? 500) < 403

/** Who asks for the console, as the store and the directory say now. */
export const consoleReader =
  (rooms: Rooms) =>
  async (ctx: Context): Promise<ConsoleReader> => {
    try {
      const { user } = await requireUser(rooms, ctx, rooms.context.storeClock.now())
      const { username, roles } = user
      if (roles.includes(rooms.accounts.adminRole)) return { username, may: 'act' }
      return { username, may: roles.includes(rooms.audit.role) ? 'read' : 'nothing' }
    } catch (error) {
      if (isNobody(error)) return null
      if (isAuthError(error, 'FORBIDDEN')) return { username: 'a disabled user', may: 'nothing' }
      throw error
    }
  }
