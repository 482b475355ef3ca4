import { directoryWrites } from '../accounts/user-directory.ts'
import { auditWrites } from '../audit/audit-index.ts'
import { commitWrites } from '../commits/commit-writes.ts'
import type { LmdbEnvironment, WriteCalls } from '../environment/lmdb-environment.ts'
import { jointWrites } from '../joint/joint-writes.ts'
import { logWrites } from '../log/log-writes.ts'
import { guardWrites } from '../registries/guard-registry.ts'
import { personalWrites } from '../registries/personal-keys.ts'
import { receiverWrites } from '../registries/receivers.ts'
import { witnessWrites } from '../registries/witnessed-heads.ts'
import { viewWrites } from '../views/blacklist-view.ts'
import { sessionWrites } from '../views/session-list.ts'

type Call = (...given: never[]) => Promise<unknown>
export type Calls = Readonly<Record<string, Call>>

const callsOf = <Ops>(writes: Readonly<{ name: string }>, write: WriteCalls<Ops>) =>
  [writes.name, write as unknown as Calls] as const

/** Whatever any adapter writes, by the names of the adapter and of the operation. */
export const allWriteCalls = (env: LmdbEnvironment): ReadonlyMap<string, Calls> =>
  new Map([
    callsOf(commitWrites, env.use(commitWrites).write),
    callsOf(logWrites, env.use(logWrites).write),
    callsOf(jointWrites, env.use(jointWrites).write),
    callsOf(viewWrites, env.use(viewWrites).write),
    callsOf(sessionWrites, env.use(sessionWrites).write),
    callsOf(auditWrites, env.use(auditWrites).write),
    callsOf(directoryWrites, env.use(directoryWrites).write),
    callsOf(guardWrites, env.use(guardWrites).write),
    callsOf(personalWrites, env.use(personalWrites).write),
    callsOf(receiverWrites, env.use(receiverWrites).write),
    callsOf(witnessWrites, env.use(witnessWrites).write),
  ])
