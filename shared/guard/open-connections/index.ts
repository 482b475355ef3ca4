export { CallerConnection, type Connection } from './caller-connection.ts'
export { callerWithSignal } from './caller-signal.ts'
export { CallerWatch } from './caller-watch.ts'
