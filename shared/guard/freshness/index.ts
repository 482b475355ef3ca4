export {
  type Freshness,
  guardNow,
  isAhead,
  noFreshness,
  observeClosedTime,
  stalenessMs,
} from './freshness.ts'
export { ageMs, type Instant, instantOf } from './instant.ts'
export { hasReached, PositionWaits, type ReadProgress } from './position-waits.ts'
