import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'

/**
 * `port` with `ms` put before every call but `close`: what a network does to races that an
 * in-process store would hide, since its reads and writes are microseconds apart.
 */
export const withLatency = <Port extends EventStore | UserDirectory>(
  port: Port,
  clock: Clock,
  ms: number,
): Port =>
  new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || name === 'close') return member
      return async (...args: unknown[]): Promise<unknown> => {
        await clock.sleep(ms)
        return Reflect.apply(member, target, args)
      }
    },
  })
