/**
 * What an operator must hear of.
 * - `rewritten`, `shorter`: the log is not what was signed; the partition is not gone on with.
 * - `missing`: the log does not have these records (any more): retention, or a gap.
 * - `forged`: no gateway of this fleet signed the record, which is in the trail all the same.
 * - `foreign`: the record names another fleet, whose MAC nobody here can check.
 * - `opaque`, `large`: a record of somebody else, or one that no leaf holds.
 */
export type TrailAlarm = Readonly<{
  kind: 'rewritten' | 'shorter' | 'missing' | 'forged' | 'foreign' | 'opaque' | 'large'
  partition: number
  offset: number
  text: string
}>

export const alarmText = ({ partition, offset, text }: TrailAlarm): string =>
  `record ${offset} of partition ${partition} of auth.events ${text}`
