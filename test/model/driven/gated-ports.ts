import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { Way } from './calls.ts'
import type { Gating } from './gated-store.ts'
import { startMs } from './start-ms.ts'

const unavailable = (): AuthError => new AuthError('LOG_UNAVAILABLE', 'the log did not answer')

const nameOf = ({ key, headers }: LogRecord): string =>
  headers['ce_type'] === 'curfew.ClosedTime' ? 'a closed time' : (key.split(':')[0] ?? key)

/** Every call waits for the scheduler; a publication may be refused, or its answer be lost. */
export const gatedLog = (real: EventLog, { scheduler, actor }: Gating): EventLog => {
  const reading = <T>(label: string, run: () => Promise<T>): Promise<T> =>
    scheduler.call<T>(actor, {
      label,
      reads: ['log'],
      ways: [{ name: '', run }],
      shown: (answer) => JSON.stringify(answer),
    })
  return {
    ...real,
    publish: (records) => {
      const told = records.filter(({ topic }) => topic === 'auth.revocations')
      const faults: Way<readonly number[]>[] = [
        {
          name: 'refused',
          spends: 'refuse',
          run: () => {
            throw unavailable()
          },
        },
        {
          name: 'answer lost',
          spends: 'refuse',
          run: async () => {
            await real.publish(records)
            throw unavailable()
          },
        },
      ]
      return scheduler.call<readonly number[]>(actor, {
        label: told.length > 0 ? `publish ${told.map(nameOf)}` : 'publish events',
        writes: told.length > 0 ? ['log'] : [],
        ways: [{ name: '', run: () => real.publish(records) }, ...(told.length > 0 ? faults : [])],
      })
    },
    bounds: (partition) => reading('look at the log', () => real.bounds(partition)),
    endsBelow: (...given) => reading('look at the log’s end', () => real.endsBelow(...given)),
    recordAt: (...given) => reading('read a record', () => real.recordAt(...given)),
  }
}

const userText = (user: User | null): string =>
  user === null ? 'nobody' : `${user.passwordHash} ${user.active} ${user.due?.claim ?? ''}`

export const gatedDirectory = (
  real: UserDirectory,
  { scheduler, actor }: Gating,
): UserDirectory => {
  const reading = (label: string, resource: string, run: () => Promise<User | null>) =>
    scheduler.call<User | null>(actor, {
      label,
      reads: [resource],
      ways: [{ name: '', run }],
      shown: resource === 'names' ? (user) => user?.sub ?? 'nobody' : userText,
    })
  return {
    ...real,
    // Nobody changes names.
    byName: (name) => reading('read the name', 'names', () => real.byName(name)),
    byEmail: (email) => reading('read the address', 'names', () => real.byEmail(email)),
    bySub: (sub) => reading('read the user', 'users', () => real.bySub(sub)),
    change: (sub, change, options) =>
      scheduler.call(actor, {
        label: `write the user${change.passwordHash === undefined ? '' : ': new password'}`,
        writes: ['users'],
        ways: [{ name: '', run: () => real.change(sub, change, options) }],
      }),
    settle: (sub, claim) =>
      scheduler.call<void>(actor, {
        label: 'clear what is due',
        writes: ['users'],
        ways: [{ name: '', run: () => real.settle(sub, claim) }],
      }),
  }
}

/**
 * A pause takes no time: the next call is a point of the schedule anyway. What waits with a signal
 * is a bound on patience, which never ends: an answer is lost, or comes.
 */
export const gatedClock = ({ scheduler }: Pick<Gating, 'scheduler'>): Clock => ({
  now: () => scheduler.now(),
  monotonicMs: () => scheduler.nowMs - startMs,
  sleep: (_ms, signal) => (signal ? new Promise<void>(() => {}) : Promise.resolve()),
})
