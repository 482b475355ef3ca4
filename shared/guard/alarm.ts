/** What a person should hear of. Guards do not log: the service decides where an alarm goes. */
export type GuardAlarm = Readonly<{
  kind:
    | 'forged_record'
    | 'foreign_record'
    | 'unreadable_record'
    | 'records_deleted'
    | 'closed_time_ahead'
    | 'other_log'
    | 'feed_reset'
    | 'feed_trouble'
    | 'introspection_failed'
    | 'ended_callback_failed'
    | 'keys_failed'
  /** Ids, offsets and causes; never a token. */
  detail: string
}>
export type OnAlarm = (alarm: GuardAlarm) => void

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
