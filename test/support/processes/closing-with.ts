import type { Closable } from '../../../shared/kernel/lifecycle.ts'

/**
 * `port` whose `close` also runs `after`, whether or not its own close fails: for what a port was
 * opened on (a connection, a folder). A proxy, because a copy of an instance loses its methods and
 * private fields.
 */
export const closingWith = <Port extends Closable>(
  port: Port,
  after: () => Promise<unknown>,
): Port => {
  const close = async (): Promise<void> => {
    try {
      await port.close()
    } finally {
      await after()
    }
  }
  return new Proxy(port, {
    get: (target, name) => {
      if (name === 'close') return close
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
