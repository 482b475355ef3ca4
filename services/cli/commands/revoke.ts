import type { Command } from 'commander'
import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { clientId, isTokenId, sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { type FoundBy, findSubject } from '../../gateway/accounts/index.ts'
import {
  appendRevocation,
  idOfTarget,
  latestTokenExpiry,
  previewRevocation,
  type RevocationTarget,
  requireKnownClient,
  requireKnownTokenId,
  revokingEvents,
} from '../../gateway/revocations/index.ts'
import { type StoreContext, withStore } from '../store/open-store.ts'
import { targetOfToken } from '../store/token-target.ts'
import { confirmCount, countText } from '../terminal/confirm-count.ts'
import type { Shown } from '../terminal/print-list.ts'
import { say, sayJson } from '../terminal/printable.ts'
import { readStdin } from '../terminal/read-stdin.ts'

const lookMs = 25

type Told = Readonly<{ status: 'acknowledged' | 'pending'; position: string | null }>
type Options = Shown & Readonly<{ yes?: boolean; preview?: boolean }>

const positionIn = (commit: Commit | NewCommit | undefined): string | null => {
  const published = commit && 'published' in commit ? commit.published : null
  return published && published.offset !== null ? `${published.logId}:${published.offset}` : null
}

/** A gateway's relay tells the log within a tick; without one it stays pending, and durable. */
const awaitLog = async (context: StoreContext, commit: NewCommit): Promise<Told> => {
  const { store, clock, publishTimeoutMs } = context.context
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

/** What to end, and what a user was found by. */
type Named = Readonly<{ target: RevocationTarget; by?: FoundBy }>

const shownTarget = ({ target, by }: Named): string => {
  const id = idOfTarget(target)
  return `${target.scope}${id === null ? '' : ` ${id}`}${by ? ` (found by ${by})` : ''}`
}

const printPreview = async (
  context: StoreContext,
  named: Named,
  { json }: Shown,
): Promise<void> => {
  const { target, by } = named
  await requireThere(context, target)
  const living = await previewRevocation(context, target)
  const found = by ? { found_by: by } : {}
  const told = { preview: true, scope: target.scope, id: idOfTarget(target), ...found, ...living }
  const line = json ? JSON.stringify(told) : `would end ${countText(living)}: ${shownTarget(named)}`
  process.stdout.write(`${line}\n`)
}

const noSession = (): AuthError => new AuthError('NOT_FOUND', 'there is no such session')

const requireThere = async (
  { context: { store } }: StoreContext,
  target: RevocationTarget,
): Promise<void> => {
  if (target.scope !== 'session') return
  const [head] = await store.heads([sessionStream(target.sid)])
  if (!head) throw noSession()
}

/** What ends many people's sessions is asked for twice. */
const confirm = async (context: StoreContext, named: Named, { yes }: Options): Promise<void> => {
  const { scope } = named.target
  if (yes || (scope !== 'client' && scope !== 'all')) return
  await confirmCount(
    context.context.clock,
    shownTarget(named),
    await previewRevocation(context, named.target),
  )
}

/** Ends what is named, once that is confirmed; with `preview` it only says what would end. */
export const revoke = async (
  context: StoreContext,
  named: Named,
  options: Options,
): Promise<void> => {
  if (options.preview) return printPreview(context, named, options)
  await confirm(context, named, options)
  const { target, by } = named
  const commit = await appendRevocation(context, target, noOrigin)
  if (!commit) throw noSession()
  const told = await awaitLog(context, commit)
  const found = by ? { found_by: by } : {}
  const events = revokingEvents(commit)
  const id = idOfTarget(target)
  if (options.json) return sayJson({ scope: target.scope, id, ...found, ...told, events })
  say(`revoked ${shownTarget(named)}: ${told.status}, position ${told.position}`)
  for (const event of events) say(`its receipt, once it is signed: curfew audit receipt ${event}`)
}

/** By name or by id, whichever argument it came in; what is in the store is known. */
const subjectNamed = async (
  context: StoreContext,
  name: string | undefined,
  id: string | undefined,
): Promise<Named> => {
  const text = name ?? id
  if (text === undefined || (name !== undefined && id !== undefined)) {
    throw new AuthError('INPUT_INVALID', 'give the name or the id of a user, or --sub')
  }
  const { sub, foundBy: by } = await findSubject(context, text)
  return { target: { scope: 'subject', sub }, by }
}

const clientNamed = async (context: StoreContext, text: string): Promise<Named> => {
  const client = clientId(text)
  await requireKnownClient(context, client)
  return { target: { scope: 'client', client } }
}

const tokenNamed = async (
  context: StoreContext,
  jti: string | undefined,
  fromStdin: boolean,
): Promise<Named> => {
  if ((jti === undefined) !== fromStdin) {
    throw new AuthError('INPUT_INVALID', 'give the jti of a token, or --token-stdin')
  }
  const text = jti ?? (await readStdin('token', 8_192))
  if (isTokenId(text)) await requireKnownTokenId(context, text)
  const latest = await latestTokenExpiry(
    context.context.store,
    context.policy,
    context.context.storeClock.now(),
  )
  return { target: targetOfToken(text, latest) }
}

const json = ['--json', 'answer as JSON'] as const
const preview = ['--preview', 'end nothing, and say how many sessions of how many users'] as const
const yes = ['--yes', 'do not ask for the number of sessions'] as const

const addNarrow = (revocations: Command): void => {
  revocations
    .command('token [jti]')
    .description(
      'one token by its id; a refresh or sliding token given whole ends its session at once',
    )
    .option('--token-stdin', 'read the token itself from standard input')
    .option(...preview)
    .option(...json)
    .action((jti: string | undefined, options: Options & { tokenStdin?: boolean }) =>
      withStore(async (context) =>
        revoke(context, await tokenNamed(context, jti, options.tokenStdin === true), options),
      ),
    )
  revocations
    .command('session <sid>')
    .description('one session, on whatever device')
    .option(...preview)
    .option(...json)
    .action((sid: string, options: Options) =>
      withStore((context) =>
        revoke(context, { target: { scope: 'session', sid: sessionId(sid) } }, options),
      ),
    )
}

const addWide = (revocations: Command): void => {
  revocations
    .command('user [user]')
    .description('every session of a user, by name or id, who may log in again')
    .option('--sub <sub>', 'the same, for a name that begins with a dash, say')
    .option(...preview)
    .option(...json)
    .action((user: string | undefined, options: Options & { sub?: string }) =>
      withStore(async (context) =>
        revoke(context, await subjectNamed(context, user, options.sub), options),
      ),
    )
  revocations
    .command('client <id>')
    .description('every session that was opened through a client; asks for their number')
    .option(...yes)
    .option(...preview)
    .option(...json)
    .action((id: string, options: Options) =>
      withStore(async (context) => revoke(context, await clientNamed(context, id), options)),
    )
  revocations
    .command('everyone')
    .alias('all')
    .description('every session there is, as after a restore; asks for their number')
    .option(...yes)
    .option(...preview)
    .option(...json)
    .action((options: Options) =>
      withStore((context) => revoke(context, { target: { scope: 'all' } }, options)),
    )
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
