/**
 * What an operator must hear of.
 * - `rewritten`, `shorter`: the log is not what was signed; the partition is not gone on with.
 * - `missing`: the log does not have these records (any more): retention, or a gap.
 * - `opaque`, `large`: a record of somebody else, or one that no leaf holds.
 */
export type TrailAlarm = Readonly<{
  kind: 'rewritten' | 'shorter' | 'missing' | 'opaque' | 'large'
  partition: number
  offset: number
  text: string
}>

export const alarmText = ({ partition, offset, text }: TrailAlarm): string =>
  `record ${offset} of partition ${partition} of auth.events ${text}`
