export {
  ageMs,
  type Freshness,
  guardNow,
  type Instant,
  instantOf,
  isAhead,
  noFreshness,
  observeClosedTime,
  stalenessMs,
} from './freshness.ts'

export { hasReached, PositionWaits, type ReadProgress } from './position-waits.ts'
