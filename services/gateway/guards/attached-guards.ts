import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { GuardRegistry, GuardReport } from '../../../shared/ports/guard-registry.ts'
import type { CommandContext } from '../publication/index.ts'

/** A guard that was silent for longer is not attached any more. */
export const attachedMs = 60_000
/** Of one client: it cannot crowd out the guards of others. */
const guardsMax = 1_000
/** Of all clients: an answer, and a scrape, of bounded size. */
const listedMax = 20_000
const sweptPerRun = 100
const dayMs = 86_400_000

type Parts = Readonly<{ context: Pick<CommandContext, 'storeClock'>; guards: GuardRegistry }>

/** A guard as it is now: what it reported, and the silence since. */
export type AttachedGuard = GuardReport & Readonly<{ silentMs: number }>

const sinceOf = (now: EpochMs): EpochMs => (now - attachedMs) as EpochMs

/** @throws AuthError GUARDS_FULL when this client has too many; STORE_UNAVAILABLE. */
export const noteGuard = async (
  { guards, context: { storeClock } }: Parts,
  report: Omit<GuardReport, 'reportedAt'>,
): Promise<void> => {
  const reportedAt = storeClock.now()
  const bound = { since: sinceOf(reportedAt), max: guardsMax }
  if ((await guards.note({ ...report, reportedAt }, bound)) === 'noted') return
  throw new AuthError('GUARDS_FULL', `${report.client} has ${guardsMax} guards already.`, {
    retryAfterMs: attachedMs,
  })
}

/** Guards that reported in the last minute, to whichever gateway. */
export const attachedGuards = async ({
  guards,
  context: { storeClock },
}: Parts): Promise<readonly AttachedGuard[]> => {
  const now = storeClock.now()
  const reports = await guards.list(sinceOf(now), listedMax)
  return reports.map((report) => ({
    ...report,
    silentMs: Math.max(0, now - report.reportedAt),
  }))
}

export const forgetGuards = async ({ guards, context: { storeClock } }: Parts): Promise<void> => {
  await guards.sweep((storeClock.now() - dayMs) as EpochMs, sweptPerRun)
}
