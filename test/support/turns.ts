/** What a test file needs: a server, much time, a process to itself, or nothing. */
export type JobKind = 'kafka' | 'mongo' | 'long' | 'apart' | 'shared'

/** A job to do, and whom to tell that it is done. */
export type Turn<Job> = Readonly<{ job: Job; end: () => void }>

/**
 * Hands out jobs, those first that others must wait for: files that share the broker run in a row,
 * and so do those with a MongoDB server each, which need its slow server's whole processor. Then
 * those that take long, those with a process of their own, and last the many short ones, which fill
 * what is left.
 */
export const takingTurns = <Job>(
  jobs: readonly Job[],
  kindOf: (job: Job) => JobKind,
): (() => Turn<Job> | null) => {
  const of = (kind: JobKind): Job[] => jobs.filter((job) => kindOf(job) === kind)
  const rows = [of('kafka'), of('mongo')].map((queue) => ({ queue, isBusy: false }))
  const others = [...of('long'), ...of('apart'), ...of('shared')]
  return () => {
    const row = rows.find(({ queue, isBusy }) => queue.length > 0 && !isBusy)
    const job = (row?.queue ?? others).shift()
    if (job === undefined) return null
    if (row) row.isBusy = true
    const end = (): void => {
      if (row) row.isBusy = false
    }
    return { job, end }
  }
}
