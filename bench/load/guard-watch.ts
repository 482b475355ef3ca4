/**
 * What a bench asks of a process that holds a guard: watch one session at a time, and say when it
 * was refused.
 */
export type GuardRequest =
  | Readonly<{ kind: 'open'; settings: Readonly<Record<string, string>> }>
  | Readonly<{ kind: 'watch'; token: string; sid: string }>
  | Readonly<{ kind: 'refused' }>

/**
 * `atMs` is on the machine's clock; `looks` is how often the guard was asked, 0 where it told by
 * itself.
 */
export type GuardReply = Readonly<{ atMs: number; looks: number }>

export const nothing: GuardReply = { atMs: 0, looks: 0 }
export const patienceMs = 15_000
