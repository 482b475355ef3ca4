import type { Command } from 'commander'
import type { Commit, NewCommit } from '../../shared/events/commit.ts'
import { noOrigin } from '../../shared/events/event.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { clientId, type SubjectId, sessionId, subjectId } from '../../shared/kernel/ids.ts'
import {
  appendRevocation,
  longestTokenEnd,
  type RevocationTarget,
} from '../gateway/append-revocation.ts'
import { userNamed } from '../gateway/user-names.ts'
import { type AccountDesk, withAccounts } from './account-desk.ts'
import { readStdin } from './read-stdin.ts'
import { targetOfToken } from './token-target.ts'

const lookMs = 25

type Told = Readonly<{ status: 'acknowledged' | 'pending'; position: string | null }>
type Shown = Readonly<{ json?: boolean }>

const positionIn = (commit: Commit | NewCommit | undefined): string | null => {
  const published = commit && 'published' in commit ? commit.published : null
  return published && published.offset !== null ? `${published.logId}:${published.offset}` : null
}

/** A gateway's relay tells the log within a tick; without one it stays pending, and durable. */
const awaitLog = async (desk: AccountDesk, commit: NewCommit): Promise<Told> => {
  const { store, clock, publishTimeoutMs } = desk
  const startedMs = clock.monotonicMs()
  let position = positionIn(commit)
  while (position === null && clock.monotonicMs() - startedMs < publishTimeoutMs) {
    await clock.sleep(lookMs)
    const [there] = await store.read(commit.id.s, commit.id.v, 1)
    position = positionIn(there)
  }
  if (position !== null) return { status: 'acknowledged', position }
  const { tick } = await store.relayScan(1)
  return { status: 'pending', position: `t:${tick.t}` }
}

const idOf = (target: RevocationTarget): string | null => {
  switch (target.scope) {
    case 'token':
      return target.jti
    case 'session':
      return target.sid
    case 'subject':
      return target.sub
    case 'client':
      return target.client
    case 'all':
      return null
  }
}

const revoke = async (
  desk: AccountDesk,
  target: RevocationTarget,
  { json }: Shown,
): Promise<void> => {
  const commit = await appendRevocation(desk, target, noOrigin)
  if (!commit) throw new AuthError('NOT_FOUND', 'there is no such session')
  const told = await awaitLog(desk, commit)
  const { scope } = target
  const id = idOf(target)
  const line = json
    ? JSON.stringify({ scope, id, ...told })
    : `revoked ${scope}${id === null ? '' : ` ${id}`}: ${told.status}, position ${told.position}`
  process.stdout.write(`${line}\n`)
}

const subjectNamed = async (
  { directory }: AccountDesk,
  name: string | undefined,
  sub: string | undefined,
): Promise<SubjectId> => {
  if ((name === undefined) === (sub === undefined)) {
    throw new AuthError('INPUT_INVALID', 'give the name of a user, or --sub')
  }
  if (sub !== undefined) return subjectId(sub)
  const user = await userNamed(directory, name ?? '')
  if (!user) throw new AuthError('USER_UNKNOWN', `there is no user ${JSON.stringify(name)}`)
  return user.sub
}

const tokenNamed = async (desk: AccountDesk, jti: string | undefined, fromStdin: boolean) => {
  if ((jti === undefined) !== fromStdin) {
    throw new AuthError('INPUT_INVALID', 'give the jti of a token, or --token-stdin')
  }
  const latest = await longestTokenEnd(desk.store, desk.policy, desk.storeClock.now())
  return targetOfToken(jti ?? (await readStdin('token', 8_192)), latest)
}

const addNarrow = (revocations: Command): void => {
  revocations
    .command('token [jti]')
    .description(
      'one token by its id; a refresh or sliding token given whole ends its session at once',
    )
    .option('--token-stdin', 'read the token itself from standard input')
    .option('--json', 'answer as JSON')
    .action((jti: string | undefined, options: Shown & { tokenStdin?: boolean }) =>
      withAccounts(async (desk) => {
        const target = await tokenNamed(desk, jti, options.tokenStdin === true)
        await revoke(desk, target, options)
      }),
    )
  revocations
    .command('session <sid>')
    .description('one session, on whatever device')
    .option('--json', 'answer as JSON')
    .action((sid: string, options: Shown) =>
      withAccounts((desk) => revoke(desk, { scope: 'session', sid: sessionId(sid) }, options)),
    )
}

const addWide = (revocations: Command): void => {
  revocations
    .command('user [name]')
    .description('every session of a user, who may log in again')
    .option('--sub <sub>', 'by id instead of by name, as for a directory of your own')
    .option('--json', 'answer as JSON')
    .action((name: string | undefined, options: Shown & { sub?: string }) =>
      withAccounts(async (desk) => {
        const sub = await subjectNamed(desk, name, options.sub)
        await revoke(desk, { scope: 'subject', sub }, options)
      }),
    )
  revocations
    .command('client <id>')
    .description('every session that was opened through a client')
    .option('--json', 'answer as JSON')
    .action((id: string, options: Shown) =>
      withAccounts((desk) => revoke(desk, { scope: 'client', client: clientId(id) }, options)),
    )
  revocations
    .command('everyone')
    .description('every session there is, as after a restore')
    .requiredOption('--yes', 'say that it is meant')
    .option('--json', 'answer as JSON')
    .action((options: Shown) => withAccounts((desk) => revoke(desk, { scope: 'all' }, options)))
}

/**
 * `curfew revoke …`: one commit on the same store as the gateways, also while they run. Status 0
 * says that it is durable; the answer says whether the log has it already.
 */
export const addRevokeCommands = (root: Command): void => {
  const revocations = root
    .command('revoke')
    .description(
      'token, session, user, client, everyone: ends them at once; also while gateways run',
    )
  addNarrow(revocations)
  addWide(revocations)
}
