import type { Commit } from '../../../shared/events/commit.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import { commitDigest } from './digest.ts'
import type { Fleet } from './fleet.ts'
import { premises } from './premises.ts'

/** What lies in the store, the directory and the log at one moment. */
export type Snapshot = Readonly<{
  now: EpochMs
  session: readonly Commit[]
  subject: readonly Commit[]
  /** Newest commits of sessions that logins opened. */
  others: readonly Commit[]
  user: User | null
  key: string
}>

const textOf = (commit: Commit): string => {
  const { published } = commit
  return `${commitDigest(commit)}:${published ? `${published.offset}` : '-'}`
}

export const snapshotOf = async (fleet: Fleet): Promise<Snapshot> => {
  const { store, directory, records, scheduler, opened } = fleet
  const session = await store.read(premises.first.id.s, 0, 100)
  const subject = await store.read(`u/${premises.user.sub}`, 0, 100)
  const heads = await store.heads(opened)
  const others = heads.flatMap((head) => head ?? [])
  const user = await directory.bySub(premises.user.sub)
  const kept = [...session, ...subject, ...others].map(textOf)
  const due = `${user?.passwordHash} ${user?.due?.claim}`
  const { tick } = await store.relayScan(1)
  const noted = `${tick.acknowledged?.offset} ${tick.closed}`
  const key = `${kept}|${due}|${records.text}|${records.start}|${noted}`
  return { now: scheduler.now(), session, subject, others, user, key }
}

/** Whether a session that this commit is of was ended, by itself or by a cutoff. */
export const isEnded = ({ subject }: Snapshot, { session }: Commit): boolean => {
  const sub = subject.at(-1)?.cutoff ?? -1
  return (
    !session ||
    session.status === 'dead' ||
    isBelowCutoff(session.epoch, { sub, client: -1, all: -1 })
  )
}
