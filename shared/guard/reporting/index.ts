export { type GuardLogger, loggedAlarms, standardErrorLogger } from './alarm-log.ts'
export { GuardMeter } from './guard-meter.ts'
export { type GuardReporter, type GuardReportOptions, reportGuard } from './guard-report.ts'
