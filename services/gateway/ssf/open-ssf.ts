import { Polls } from './polling/polls.ts'
import type { TransmitterDeps } from './transmitter.ts'

/** What tells receivers outside of revocations (Shared Signals Framework 1.0). */
export type Ssf = Readonly<{
  transmitter: TransmitterDeps
  /** Requests of receivers that wait for events. */
  polls: Polls
}>

type Settings = Readonly<{ receiversPrivate: boolean; receiversSubjects: 'ALL' | 'NONE' }>
type Given = Omit<TransmitterDeps, 'allowPrivate' | 'tellsOfAll'>

export const openSsf = ({ receiversPrivate, receiversSubjects }: Settings, given: Given): Ssf => {
  const tellsOfAll = receiversSubjects === 'ALL'
  const transmitter = { ...given, allowPrivate: receiversPrivate, tellsOfAll }
  return { transmitter, polls: new Polls(transmitter) }
}
