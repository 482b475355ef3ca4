/** What a person should hear of. */
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
    | 'image_refused'
    | 'introspection_failed'
    | 'ended_callback_failed'
    | 'keys_failed'
    | 'settings_differ'
    | 'trail_disputed'
  /** Ids, offsets and causes; never a token. */
  detail: string
}>
export type OnAlarm = (alarm: GuardAlarm) => void

/** With what lies below it: `fetch failed` alone says nothing. */
export const errorWithCauses = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const below = cause instanceof Error && cause.message !== '' ? `: ${errorWithCauses(cause)}` : ''
  return `${error.message}${below}`
}
