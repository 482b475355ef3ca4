export { runTransmitter } from './delivery/run-transmitter.ts'
export { openSsf, type Ssf } from './open-ssf.ts'
export { PollDelivery, setsMax } from './polling/poll-delivery.ts'
export { receiverFields } from './receiver-settings.ts'
export { changeReceiver } from './streams/change-receiver.ts'
export { createReceiver, endOfLog } from './streams/create-receiver.ts'
export { urlProblem } from './streams/public-address.ts'
export {
  pollMethod,
  pollUrlOf,
  pushMethod,
  type StreamKind,
  statusOf,
  streamOf,
  withConfig,
  withStatus,
  withVerification,
} from './streams/stream-configuration.ts'
export { withRule } from './streams/subject-rules.ts'
export type { TransmitterDeps } from './transmitter-deps.ts'
