import { PollDelivery } from './polling/poll-delivery.ts'
import type { TransmitterDeps } from './transmitter-deps.ts'

/** Sends revocations to receivers outside of the fleet (Shared Signals Framework 1.0). */
export type Ssf = Readonly<{
  transmitter: TransmitterDeps
  /** Answers receivers that poll (RFC 8936). */
  polls: PollDelivery
}>

type Settings = Readonly<{ receiversPrivate: boolean; receiversSubjects: 'ALL' | 'NONE' }>
type OpenDeps = Omit<TransmitterDeps, 'allowPrivate' | 'hasAllSubjects'>

export const openSsf = ({ receiversPrivate, receiversSubjects }: Settings, deps: OpenDeps): Ssf => {
  const hasAllSubjects = receiversSubjects === 'ALL'
  const transmitter = { ...deps, allowPrivate: receiversPrivate, hasAllSubjects }
  return { transmitter, polls: new PollDelivery(transmitter) }
}
