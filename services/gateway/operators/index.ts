export { EventRates } from './event-rates.ts'
export { type OverviewDeps, overviewOf } from './overview.ts'
export { overviewBody } from './overview-body.ts'
